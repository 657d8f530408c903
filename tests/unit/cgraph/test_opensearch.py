"""How OpenSearch is asked, where it answers as it is told to."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from cgraph.core import opensearch
from cgraph.core.opensearch import OpenSearchUnavailable
from cgraph.core.settings import settings
from cgraph_local.services import Endpoints
from tests.feature.conftest import environment

DEAD = 0


class Domain:
    """`answers`: statuses in turn, then 200; at DEAD the connection ends instead."""

    def __init__(self) -> None:
        self.answers: deque[int] = deque()
        self.pause = 0.0
        self.requests: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.peers: set[int] = set()

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path, await request.read()))
        self.headers.append({name.lower(): text for name, text in request.headers.items()})
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername")[1])
        await asyncio.sleep(self.pause)
        status = self.answers.popleft() if self.answers else 200
        if status == DEAD:
            request.transport.abort()
        return web.json_response({"text": "x" * 300_000}, status=status or 200)


@pytest.fixture
async def domain(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Domain]:
    domain = Domain()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", domain.answer)
    runner = web.AppRunner(app, shutdown_seconds=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    variables = environment(Endpoints(opensearch_url=url), gateway="http://127.0.0.1:1")
    for name, value in {**variables, "OPENSEARCH_AUTH": "iam"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    settings.cache_clear()
    opensearch.reset()
    yield domain
    opensearch.reset()
    settings.cache_clear()
    await runner.cleanup()


async def ask(
    method: str, path: str, body: bytes = b"", *, seconds: float = 2, breaker: bool = True
) -> tuple[int, Any]:
    return await opensearch.request(method, path, body, timeout=seconds, breaker=breaker)


async def search() -> int:
    status, _ = await ask("POST", "/a/_search", b"{}")
    return status


async def test_requests_are_signed_and_share_a_connection(domain: Domain) -> None:
    await ask("PUT", "/a%2Cb?refresh=true", b'{"a": 1}')
    status, answer = await ask("GET", "/")
    assert (status, answer) == (200, {"text": "x" * 300_000})
    assert domain.requests == [("PUT", "/a%2Cb?refresh=true", b'{"a": 1}'), ("GET", "/", b"")]
    for headers in domain.headers:
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=local/")
        assert "/es/aws4_request" in headers["authorization"]
    assert domain.headers[0]["content-type"] == "application/json"
    assert len(domain.peers) == 1


async def test_without_iam_nothing_is_signed(
    domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSEARCH_AUTH", "none")
    settings.cache_clear()
    await search()
    assert "authorization" not in domain.headers[0]


async def test_a_kept_connection_that_died_is_opened_again(domain: Domain) -> None:
    await search()
    domain.answers.append(DEAD)
    assert await search() == 200
    assert len(domain.peers) == 2


@pytest.mark.parametrize("status", [400, 404, 409, 500])
async def test_what_is_wrong_with_a_request_is_the_callers(domain: Domain, status: int) -> None:
    domain.answers.append(status)
    assert await search() == status
    assert await search() == 200


@pytest.mark.parametrize("status", [403, 429, 502, 503, 504])
async def test_a_domain_that_cannot_is_left_alone_for_a_while(
    domain: Domain, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    domain.answers.append(status)
    for _ in range(3):
        with pytest.raises(OpenSearchUnavailable):
            await search()
    assert len(domain.requests) == 1
    await ask("POST", "/_bulk", b"{}", breaker=False)
    assert len(domain.requests) == 2
    later = time.monotonic() + opensearch.BREAKER_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert await search() == 200


async def test_an_answer_that_is_late_is_not_waited_for(domain: Domain) -> None:
    domain.pause = 5
    began = time.monotonic()
    with pytest.raises(OpenSearchUnavailable):
        await ask("POST", "/a/_search", b"{}", seconds=0.1)
    assert time.monotonic() - began < 1
    assert len(domain.requests) == 1


async def test_a_closed_port_is_unavailable(
    domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSEARCH_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    opensearch.reset()
    with pytest.raises(OpenSearchUnavailable):
        await search()


async def test_without_credentials_nothing_is_sent(
    domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(OpenSearchUnavailable):
        await search()
    assert domain.requests == []
