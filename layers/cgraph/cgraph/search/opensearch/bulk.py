"""Documents into OpenSearch, many in a request.

The version of a document decides, not the order of the requests: an older reading of it, written
late or twice, changes nothing, and neither does one from before its deletion.
"""

import asyncio
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cgraph.search.engine import Document, DocumentKey, EngineUnavailable
from cgraph.search.opensearch.client import Client, RequestRefused, call_bytes
from cgraph.search.opensearch.document_source import document_id, document_source
from cgraph.search.opensearch.indexes import ensure_index

REQUEST_BYTES = 4_000_000
"""The smallest domains accept 10 MiB."""
REQUEST_OPERATIONS = 1000
TIMEOUT_SECONDS = 30.0
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.2
"""Before an operation is tried again for which OpenSearch had no room; then twice as long."""

_CONFLICT, _TOO_MANY = 409, 429
_ALIAS_GONE = "index_not_found_exception"


class DocumentRefused(Exception):
    """OpenSearch will not take this document, however often it is sent."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(f"{id}: {reason}")


class TargetGone(Exception):
    """An index was deleted meanwhile: another one has taken its place."""


@dataclass(frozen=True, slots=True)
class Deletion:
    key: DocumentKey
    version: int


Change = Document | Deletion
Operation = tuple[str, bytes]
"""The id of the document, and its lines in the request."""


async def write_changes(client: Client, *, prefix: str, changes: Iterable[Change]) -> None:
    """To all indexes that are written. Raises EngineUnavailable, DocumentRefused."""
    operations = [_operation(change) for change in changes]
    while True:
        try:
            for alias in await ensure_index(client, prefix=prefix):
                await _write(client, alias, operations)
            return
        except TargetGone:
            continue


async def write_documents(client: Client, *, alias: str, documents: Iterable[Document]) -> None:
    """To this index only. Raises EngineUnavailable, DocumentRefused, TargetGone."""
    await _write(client, alias, [_operation(document) for document in documents])


async def _write(client: Client, alias: str, operations: Sequence[Operation]) -> None:
    for batch in _batches(operations):
        await _write_batch(client, alias, batch)


async def _write_batch(client: Client, alias: str, operations: Sequence[Operation]) -> None:
    pause, rest = FIRST_PAUSE_SECONDS, operations
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            pause *= 2
        rest = await _send(client, alias, rest)
        if not rest:
            return
    raise EngineUnavailable(f"{len(rest)} operations found no room in OpenSearch")


async def _send(client: Client, alias: str, operations: Sequence[Operation]) -> Sequence[Operation]:
    """Those for which OpenSearch had no room."""
    data = b"".join(lines for _, lines in operations)
    path = f"/{alias}/_bulk?require_alias=true&filter_path=errors,items.*.status,items.*.error"
    try:
        answer = await call_bytes(client, path, data, timeout=TIMEOUT_SECONDS)
    except RequestRefused as refused:
        if refused.status == _TOO_MANY:
            return operations
        raise
    if not answer["errors"]:
        return ()
    results = [next(iter(item.values())) for item in answer["items"]]
    return [
        operation
        for operation, result in zip(operations, results, strict=True)
        if _has_no_room(operation, result)
    ]


def _has_no_room(operation: Operation, result: dict) -> bool:  # type: ignore[type-arg]
    """Raises DocumentRefused, TargetGone, EngineUnavailable for other failures."""
    status, error = result["status"], result.get("error", {})
    if status < 300 or (status in (404, _CONFLICT) and error.get("type") != _ALIAS_GONE):
        return False  # 404: what is deleted was not there
    if status == _TOO_MANY:
        return True
    reason = f"{status} {json.dumps(error)[:500]}"
    if error.get("type") == _ALIAS_GONE:
        raise TargetGone(reason)
    if status < 500:
        raise DocumentRefused(operation[0], reason)
    raise EngineUnavailable(reason)


def _operation(change: Change) -> Operation:
    id = document_id(change.key)
    head = {"_id": id, "version": change.version, "version_type": "external_gte"}
    if isinstance(change, Deletion):
        return id, json.dumps({"delete": head}).encode() + b"\n"
    source = json.dumps(document_source(change), ensure_ascii=False)
    return id, f"{json.dumps({'index': head})}\n{source}\n".encode()


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
