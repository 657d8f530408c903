"""However OpenSearch fails, the engine says that it is unavailable"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cgraph.core.errors import InvalidCursor
from cgraph.search.engine import EngineUnavailable, Query, SearchEngine, Words
from cgraph.search.opensearch import engine as opensearch_engine
from cgraph.search.opensearch.engine import OpenSearchEngine
from tests.feature.search.engine_target import make_viewer
from tests.feature.search.opensearch_target import OpenSearchTarget, SearchClient

HITS = {"hits": {"total": {"value": 0}, "hits": []}, "timed_out": False, "_shards": {"failed": 0}}
VIEWER = make_viewer()


async def _search(engine: SearchEngine) -> object:
    return await engine.search(Query(VIEWER, Words(all=["word"])))


async def _suggest(engine: SearchEngine) -> object:
    return await engine.suggest(VIEWER, "wor", limit=5)


async def _similar_posts(engine: SearchEngine) -> object:
    return await engine.similar_posts(VIEWER, "word", places=frozenset(), limit=5)


QUESTIONS = [_search, _suggest, _similar_posts]
Question = Callable[[SearchEngine], Awaitable[object]]


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[OpenSearchEngine]:
    """The engine on a server that answers each request with these bytes; with none, never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        if answer:
            writer.write(answer)
            await writer.drain()
            writer.close()
        else:
            await gone.wait()
            writer.close()

    gone = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = SearchClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield OpenSearchEngine(client, prefix="cgraph")
    finally:
        gone.set()
        client.close()
        server.close()


def _response(status: int, body: object) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (
        f"HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n".encode()
        + data
    )


BAD_ANSWERS = {
    "closed": b"\x00",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no JSON": _response(200, b"<html>"),
    "a list": _response(200, b"[1]"),
    "a refusal": _response(403, {"Message": "not authorized"}),
    "too many requests": _response(429, b"Too Many Requests"),
    "an overload": _response(503, {"error": {"type": "cluster_block_exception"}}),
    "a fault of the query": _response(400, {"error": {"type": "parsing_exception"}}),
    "timed out": _response(200, {**HITS, "timed_out": True}),
    "a part is missing": _response(200, {**HITS, "_shards": {"failed": 1}}),
    "another document": _response(200, {"took": 1}),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS)
@pytest.mark.parametrize("ask", QUESTIONS)
async def test_a_bad_answer(answer: str, ask: Question) -> None:
    async with answering(BAD_ANSWERS[answer]) as engine:
        with pytest.raises(EngineUnavailable):
            await ask(engine)


@pytest.mark.parametrize("ask", QUESTIONS)
async def test_no_answer_in_time(ask: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_engine, "TIMEOUT_SECONDS", 0.1)
    async with answering(b"") as engine:
        with pytest.raises(EngineUnavailable):
            await asyncio.wait_for(ask(engine), 2)


@pytest.mark.parametrize("ask", QUESTIONS)
async def test_nobody_listens(ask: Question) -> None:
    async with answering(b"x") as engine:
        pass
    with pytest.raises(EngineUnavailable):
        await ask(engine)


@pytest.mark.parametrize("ask", QUESTIONS)
async def test_an_index_that_is_not_there(ask: Question, opensearch: OpenSearchTarget) -> None:
    with pytest.raises(EngineUnavailable):
        await ask(OpenSearchEngine(opensearch.client, prefix="no-such-index"))


async def test_a_correction_that_fails(opensearch: OpenSearchTarget) -> None:
    """The first answer was good, and the second is not."""

    async def request(method: str, path: str, body: bytes = b"", **options: Any) -> Any:
        return (
            (503, b"")
            if "_msearch" in path
            else await opensearch.client(method, path, body, **options)
        )

    engine = OpenSearchEngine(request, prefix=opensearch.prefix)
    with pytest.raises(EngineUnavailable):
        await engine.search(Query(VIEWER, Words(all=["misspellt"])))


@pytest.mark.parametrize(
    "position", ["", "x", "é", "bnVsbA==", "W10=", "WyJuZXdlc3QiLDEsWzEsIjIiXSwiIl0="]
)
async def test_a_position_of_another_search(opensearch: OpenSearchTarget, position: str) -> None:
    """The last one is of a search with another order."""
    query = Query(VIEWER, Words(all=["word"]), position=position)
    with pytest.raises(InvalidCursor):
        await opensearch.engine.search(query)
