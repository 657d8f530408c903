"""How frames are posted, where `@connections` answers as it is told to."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from cgraph.realtime import gateway, push
from cgraph.realtime.push import Delivery, PushJob

ID = "L0SM9cOFIAMCKUA="


class Connections:
    """`answers`: statuses in turn, then 200; at 0 the connection dies instead."""

    def __init__(self) -> None:
        self.answers: deque[int] = deque()
        self.requests: list[tuple[str, str, str]] = []
        self.peers: list[int] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path, await request.text()))
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=local/")
        assert request.transport is not None
        self.peers.append(request.transport.get_extra_info("peername")[1])
        status = self.answers.popleft() if self.answers else 200
        if status == 0:
            request.transport.abort()
        return web.Response(status=status or 200)


@pytest.fixture
async def connections(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connections]:
    connections = Connections()
    runner = web.AppRunner(_app(connections), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    for name, value in {
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"http://127.0.0.1:{port}/production",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }.items():
        monkeypatch.setenv(name, value)
    gateway._address.cache_clear()
    yield connections
    await gateway.close_sessions()
    gateway._address.cache_clear()
    await runner.cleanup()


def _app(connections: Connections) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/production/@connections/{id}", connections.answer)
    return app


async def serve(*deliveries: Delivery) -> push._Attempt:
    job = PushJob(deliveries=list(deliveries), attempt=1)
    attempt = push._Attempt(job)
    await push._serve_socket(ID, range(len(deliveries)), attempt=attempt)
    return attempt


def delivery(*frames: str, close: bool = False) -> Delivery:
    return Delivery(frames=list(frames), connections=[ID, "another"], close=close)


async def test_a_socket_gets_its_frames_in_order_and_is_closed_last(
    connections: Connections,
) -> None:
    attempt = await serve(delivery("1", "grüße"), delivery("3", close=True))

    path = "/production/@connections/L0SM9cOFIAMCKUA%3D"
    posts = [("POST", path, frame) for frame in ("1", "grüße", "3")]
    assert connections.requests == [*posts, ("DELETE", path, "")]
    assert len(set(connections.peers)) == 1
    assert not attempt.remaining and not attempt.gone


async def test_what_remains_is_what_was_not_sent(connections: Connections) -> None:
    connections.answers += [200, 429]
    attempt = await serve(delivery("1", "2", "3"), delivery("4", close=True))

    assert push._remaining(attempt) == [
        Delivery(frames=["2", "3"], connections=[ID]),
        Delivery(frames=["4"], connections=[ID], close=True),
    ]
    assert list(attempt.errors) == ["429 "]


async def test_only_the_closing_remains(connections: Connections) -> None:
    connections.answers += [200, 500]
    attempt = await serve(delivery("1", close=True))

    assert push._remaining(attempt) == [Delivery(frames=[], connections=[ID], close=True)]


async def test_a_gone_socket_gets_no_further_frames(connections: Connections) -> None:
    connections.answers += [410]
    with pytest.raises(gateway.SocketGone):
        await serve(delivery("1", "2"), delivery("3"))
    assert len(connections.requests) == 1


async def test_a_dead_http_connection_is_replaced_at_once(
    connections: Connections,
) -> None:
    connections.answers += [200, 0]
    attempt = await serve(delivery("1", "2", "3"))

    assert [body for _, _, body in connections.requests] == ["1", "2", "2", "3"]
    assert not attempt.remaining


async def test_a_push_that_times_out_is_retried_later(
    connections: Connections,
) -> None:
    connections.answers += [0, 0]
    attempt = await serve(delivery("1"))

    assert push._remaining(attempt) == [Delivery(frames=["1"], connections=[ID])]


async def test_deliveries_not_begun_in_time_are_retried_as_the_same_attempt(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "ATTEMPT_SECONDS", -1)
    attempt = await serve(delivery("1"), delivery("2"))

    assert not connections.requests
    assert [one.frames for one in push._remaining(attempt)] == [["1"], ["2"]]
    assert not attempt.errors
