"""What bulk writes do about each answer of OpenSearch"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from cgraph.search.engine import Document, DocumentKey, EngineUnavailable
from cgraph.search.opensearch import bulk

ALIAS = "cgraph-write-1"


@dataclass
class ScriptedClient:
    """Answers a bulk request with the statuses of its operations, or fails as a whole; then with
    success. `ids`: of the operations of each request.
    """

    script: list[list[int] | int | OSError]
    ids: list[list[str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    async def __call__(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        timeout: float,  # noqa: ASYNC109 - as the real one
        breaker: bool = True,
    ) -> tuple[int, bytes]:
        assert not breaker, "a failed write must not keep the next one back"
        heads = [json.loads(line) for line in body.splitlines()]
        ids = [each["_id"] for line in heads for each in line.values() if isinstance(each, dict)]
        self.ids.append(ids)
        self.sizes.append(len(body))
        answer = self.script.pop(0) if self.script else [200] * len(ids)
        if isinstance(answer, OSError):
            raise answer
        if isinstance(answer, int):
            return answer, b"{}"
        return 200, json.dumps(_results(answer)).encode()


def _results(statuses: Sequence[int]) -> dict[str, Any]:
    items = [
        {"index": {"status": status, **({"error": {"type": "some"}} if status >= 400 else {})}}
        for status in statuses
    ]
    return {"errors": any(status >= 400 for status in statuses), "items": items}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(bulk, "RETRY_SECONDS", 0.05)


def _document(number: int, body: str = "text") -> Document:
    return Document(
        key=DocumentKey("post", UUID(int=number)),
        place_id=UUID(int=1),
        is_public=True,
        seen_by=None,
        seq=0,
        author_id=UUID(int=2),
        post_id=None,
        title="title",
        body=body,
        tags=(),
        features=(),
        score=0,
        is_answered=False,
        is_accepted=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        version=1,
    )


def _id(number: int) -> str:
    return f"post-{UUID(int=number)}"


async def _write(client: ScriptedClient, *documents: Document) -> None:
    await bulk.write_documents(client, alias=ALIAS, documents=documents)


async def test_only_what_had_no_room_is_sent_again() -> None:
    client = ScriptedClient([[200, 429, 503], [429, 200]])
    await _write(client, *map(_document, range(3)))
    assert client.ids == [[_id(0), _id(1), _id(2)], [_id(1), _id(2)], [_id(1)]]


@pytest.mark.parametrize("answer", [429, ConnectionResetError(), TimeoutError()])
async def test_a_request_without_an_answer_is_sent_again(answer: int | OSError) -> None:
    client = ScriptedClient([answer])
    await _write(client, _document(1))
    assert client.ids == [[_id(1)], [_id(1)]]


@pytest.mark.parametrize("answer", [429, [429], [500], ConnectionRefusedError()])
async def test_what_never_finds_room_is_reported_in_the_end(answer: Any) -> None:
    client = ScriptedClient([answer] * 1000)
    with pytest.raises(EngineUnavailable):
        await _write(client, _document(1))
    assert 2 < len(client.ids) < 1000


@pytest.mark.parametrize("answer", [400, 403, 413, 500])
async def test_a_refused_request_is_not_sent_again(answer: int) -> None:
    client = ScriptedClient([answer])
    with pytest.raises(EngineUnavailable):
        await _write(client, _document(1))
    assert len(client.ids) == 1


async def test_a_newer_version_and_a_missing_document_are_no_failures() -> None:
    client = ScriptedClient([[409, 404, 201]])
    await _write(client, *map(_document, range(3)))
    assert len(client.ids) == 1


async def test_a_refused_document_does_not_keep_the_others_back() -> None:
    client = ScriptedClient([[400, 429, 200]])
    with pytest.raises(bulk.DocumentsRefused, match=_id(0)):
        await _write(client, *map(_document, range(3)))
    assert client.ids == [[_id(0), _id(1), _id(2)], [_id(1)]]


async def test_a_request_is_bounded_in_bytes_and_in_operations() -> None:
    client = ScriptedClient([])
    large = [_document(number, body="é" * 500_000) for number in range(7)]
    await _write(client, *large)
    assert [len(ids) for ids in client.ids] == [3, 3, 1]
    assert max(client.sizes) <= bulk.REQUEST_BYTES
    client = ScriptedClient([])
    await _write(client, *map(_document, range(2500)))
    assert [len(ids) for ids in client.ids] == [1000, 1000, 500]
