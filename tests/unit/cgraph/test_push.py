"""How frames are posted, where `@connections` answers as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from cgraph.core import http_connections
from cgraph.core.encoding import encode_json
from cgraph.realtime import gateway, push
from cgraph.realtime.frames import FRAME_BYTES, batch_frame
from cgraph.realtime.push import Delivery, PushJob

ID = "L0SM9cOFIAMCKUA="


class Connections:
    """`answers`: statuses in turn, then 200; at 0 the connection dies instead."""

    def __init__(self) -> None:
        self.answers: deque[int] = deque()
        self.pauses: deque[float] = deque()
        self.requests: list[tuple[str, str, str]] = []
        self.peers: list[int] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path, await request.text()))
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=local/")
        assert request.transport is not None
        self.peers.append(request.transport.get_extra_info("peername")[1])
        if self.pauses:
            await asyncio.sleep(self.pauses.popleft())
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
    gateway.reset()
    gateway._address.cache_clear()
    await runner.cleanup()


def _app(connections: Connections) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/production/@connections/{id}", connections.answer)
    return app


async def serve(*deliveries: Delivery) -> push._Attempt:
    return await serve_jobs(PushJob(deliveries=list(deliveries), attempt=1))


async def serve_jobs(*jobs: PushJob) -> push._Attempt:
    attempt = push._new_attempt(jobs)
    await push._serve_socket(ID, push._plans(attempt)[ID], attempt=attempt)
    return attempt


def remaining(attempt: push._Attempt, *, job: int = 0) -> list[Delivery]:
    return push._remaining(attempt).get(job, [])


def event(number: int, *, text: str = "") -> str:
    return encode_json({"type": "event", "seq": number, "data": text})


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

    assert remaining(attempt) == [
        Delivery(frames=["2", "3"], connections=[ID]),
        Delivery(frames=["4"], connections=[ID], close=True),
    ]
    assert attempt.errors == {0: {"429 ": 1}}


async def test_only_the_closing_remains(connections: Connections) -> None:
    connections.answers += [200, 500]
    attempt = await serve(delivery("1", close=True))

    assert remaining(attempt) == [Delivery(frames=[], connections=[ID], close=True)]


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

    assert remaining(attempt) == [Delivery(frames=["1"], connections=[ID])]


async def test_a_response_that_does_not_come_is_given_up(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connections, "RESPONSE_SECONDS", 0.1)
    monkeypatch.setattr(http_connections, "WATCH_SECONDS", 0.05)
    connections.pauses += [5.0]
    attempt = await serve(delivery("1"))

    assert remaining(attempt) == [Delivery(frames=["1"], connections=[ID])]
    (reason,) = attempt.errors[0]
    assert reason.startswith("TimeoutError")


async def test_deliveries_not_begun_in_time_are_retried_as_the_same_attempt(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "ATTEMPT_SECONDS", -1)
    attempt = await serve(delivery("1"), delivery("2"))

    assert not connections.requests
    assert [one.frames for one in remaining(attempt)] == [["1"], ["2"]]
    assert not attempt.errors


async def test_events_of_several_jobs_go_in_one_frame(connections: Connections) -> None:
    later = PushJob(deliveries=[delivery(event(3))], attempt=1, announced_at=20.0)
    first = PushJob(deliveries=[delivery(event(1), event(2))], attempt=1, announced_at=10.0)
    attempt = await serve_jobs(later, first)

    (request,) = connections.requests
    frame = json.loads(request[2])
    assert frame["type"] == "batch"
    assert [each["seq"] for each in frame["events"]] == [1, 2, 3]
    assert attempt.posts == 1 and not attempt.remaining


async def test_other_frames_keep_their_place_between_the_events(connections: Connections) -> None:
    heads = encode_json({"type": "heads", "heads": {}})
    await serve(delivery(event(1), event(2), heads), delivery(event(3)))

    bodies = [body for _, _, body in connections.requests]
    assert bodies == [batch_frame([event(1), event(2)]), heads, event(3)]


async def test_a_frame_with_many_events_is_split_where_it_would_be_too_large(
    connections: Connections,
) -> None:
    events = [event(number, text="ü" * 3000) for number in range(20)]
    await serve(delivery(*events))

    bodies = [body for _, _, body in connections.requests]
    assert max(len(body.encode()) for body in bodies) <= FRAME_BYTES
    assert len(bodies) == 5
    assert [e for body in bodies for e in json.loads(body)["events"]] == [*map(json.loads, events)]


async def test_of_a_merged_frame_that_fails_each_job_keeps_its_own_part(
    connections: Connections,
) -> None:
    connections.answers += [429]
    first = PushJob(deliveries=[delivery(event(1))], attempt=1, announced_at=10.0)
    later = PushJob(deliveries=[delivery(event(2))], attempt=3, announced_at=20.0)
    attempt = await serve_jobs(first, later)

    assert remaining(attempt, job=0) == [Delivery(frames=[event(1)], connections=[ID])]
    assert remaining(attempt, job=1) == [Delivery(frames=[event(2)], connections=[ID])]
    assert attempt.errors == {0: {"429 ": 1}, 1: {"429 ": 1}}
