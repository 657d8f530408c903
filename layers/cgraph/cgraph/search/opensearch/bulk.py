"""Documents into OpenSearch, many in a request.

The version of a document decides, not the order of the requests: an older reading of it, written
late or twice, changes nothing, and neither does one from before its deletion.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cgraph.search.engine import Document, DocumentKey, EngineUnavailable
from cgraph.search.opensearch.client import Client, RequestRefused, command, json_line
from cgraph.search.opensearch.document_source import document_id, document_source
from cgraph.search.opensearch.indexes import ensure_index

REQUEST_BYTES = 4_000_000
"""The smallest domains accept 10 MiB."""
REQUEST_OPERATIONS = 1000
TIMEOUT_SECONDS = 20.0

RETRY_SECONDS = 8.0
"""How long what OpenSearch has no room for is tried again, within one call."""
FIRST_PAUSE_SECONDS = 0.2
"""Before the second try; then twice as long each time."""

_MISSING, _CONFLICT, _TOO_MANY = 404, 409, 429
_ALIAS_GONE = "index_not_found_exception"


class DocumentsRefused(Exception):
    """OpenSearch will not take these documents, however often they are sent. All others of the call
    are written.
    """


class TargetGone(Exception):
    """An index was deleted meanwhile: another one has taken its place."""


@dataclass(frozen=True, slots=True)
class Deletion:
    key: DocumentKey
    version: int


Change = Document | Deletion
Operation = tuple[str, bytes]
"""The id of the document, and its lines in the request."""


@dataclass(slots=True)
class _Outcome:
    """`unwritten`: to be tried again, and the last `reason`. `refused`: with their reasons."""

    unwritten: list[Operation] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reason: str = ""


async def write_changes(client: Client, *, prefix: str, changes: Iterable[Change]) -> None:
    """To all indexes that are written. Raises EngineUnavailable, DocumentsRefused."""
    operations = [_operation(change) for change in changes]
    while True:
        try:
            refused = [
                each
                for alias in await ensure_index(client, prefix=prefix)
                for each in await _write(client, alias, operations)
            ]
        except TargetGone:
            continue
        _raise_if_refused(refused)
        return


async def write_documents(client: Client, *, alias: str, documents: Iterable[Document]) -> None:
    """To this index only. Raises EngineUnavailable, DocumentsRefused, TargetGone."""
    operations = [_operation(document) for document in documents]
    _raise_if_refused(await _write(client, alias, operations))


def _raise_if_refused(refused: Sequence[str]) -> None:
    if refused:
        raise DocumentsRefused(f"{len(refused)}: {'; '.join(refused)[:1000]}")


async def _write(client: Client, alias: str, operations: Sequence[Operation]) -> list[str]:
    """Those that are refused."""
    return [
        each for batch in _batches(operations) for each in await _write_batch(client, alias, batch)
    ]


async def _write_batch(client: Client, alias: str, operations: Sequence[Operation]) -> list[str]:
    ends_at, pause = time.monotonic() + RETRY_SECONDS, FIRST_PAUSE_SECONDS
    refused: list[str] = []
    while True:
        outcome = await _send(client, alias, operations)
        refused += outcome.refused
        operations = outcome.unwritten
        if not operations:
            return refused
        if time.monotonic() + pause > ends_at:
            raise EngineUnavailable(outcome.reason)
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        pause *= 2


async def _send(client: Client, alias: str, operations: Sequence[Operation]) -> _Outcome:
    """Raises EngineUnavailable where another try would be refused too."""
    data = b"".join(lines for _, lines in operations)
    path = f"/{alias}/_bulk?require_alias=true&filter_path=errors,items.*.status,items.*.error"
    try:
        answer = await command(client, "POST", path, data, seconds=TIMEOUT_SECONDS)
    except EngineUnavailable as error:
        if isinstance(error, RequestRefused) and error.status != _TOO_MANY:
            raise
        return _Outcome(unwritten=list(operations), reason=str(error))
    outcome = _Outcome()
    if answer["errors"]:
        for operation, item in zip(operations, answer["items"], strict=True):
            _sort_out(operation, next(iter(item.values())), outcome)
    return outcome


def _sort_out(operation: Operation, result: dict[str, Any], outcome: _Outcome) -> None:
    """Raises TargetGone."""
    status, error = result["status"], result.get("error", {})
    reason = f"{status} {json.dumps(error)[:300]}"
    if error.get("type") == _ALIAS_GONE:
        raise TargetGone(reason)
    if status < 300 or status in (_MISSING, _CONFLICT):  # what is deleted was not there; is newer
        return
    if status == _TOO_MANY or status >= 500:
        outcome.unwritten.append(operation)
        outcome.reason = reason
    else:
        outcome.refused.append(f"{operation[0]}: {reason}")


def _operation(change: Change) -> Operation:
    id = document_id(change.key)
    head = {"_id": id, "version": change.version, "version_type": "external_gte"}
    if isinstance(change, Deletion):
        return id, json_line({"delete": head})
    return id, json_line({"index": head}) + json_line(document_source(change))


def _batches(operations: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """Each within REQUEST_BYTES and REQUEST_OPERATIONS."""
    batch: list[Operation] = []
    size = 0
    for operation in operations:
        if batch and (size + len(operation[1]) > REQUEST_BYTES or len(batch) == REQUEST_OPERATIONS):
            yield batch
            batch, size = [], 0
        batch.append(operation)
        size += len(operation[1])
    if batch:
        yield batch
