"""Frames to sockets that are open on a gateway, and what happens where they cannot go there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedOK

from tests.feature.world import World


def job(*connections: str, attempt: int = 1) -> dict[str, Any]:
    return job_of({"frames": ["{}", "[]"], "connections": list(connections)}, attempt=attempt)


def job_of(*deliveries: dict[str, Any], attempt: int = 1, age: float = 0.0) -> dict[str, Any]:
    about = {"announced_at": time.time() - age, "correlation_id": "request-1"}
    return {"deliveries": deliveries, "attempt": attempt, **about}


def administrator(world: World) -> httpx.AsyncClient:
    """A client of the gateway's administration API."""
    headers = world.endpoints.credentials.admin_headers
    return httpx.AsyncClient(trust_env=False, headers=headers)


@pytest.fixture
async def sockets(world: World) -> AsyncIterator[dict[str, ClientConnection]]:
    """Two, by their connection ids."""
    async with administrator(world) as client, AsyncExitStack() as opened:
        sockets: dict[str, ClientConnection] = {}
        for _ in range(2):
            url = f"{world.gateway.replace('http', 'ws', 1)}/ws"
            socket = await opened.enter_async_context(connect(url, proxy=None))
            open_now = (await client.get(f"{world.gateway}/_local/connections")).json()
            (id,) = open_now.keys() - sockets.keys()
            sockets[id] = socket
        yield sockets


@pytest.fixture
async def answers(world: World) -> dict[str, int]:
    """What the gateway answers for some connections; it knows no others."""
    answers = {"busy": 429, "broken": 500}
    async with administrator(world) as client:
        url = f"{world.gateway}/_local/faults"
        (await client.post(url, json={"post_statuses": answers})).raise_for_status()
    return answers


async def test_each_socket_gets_its_frames_in_order(
    world: World, sockets: dict[str, ClientConnection]
) -> None:
    one, other = sockets
    deliveries: list[dict[str, Any]] = [
        {"frames": ["1", "zwei 🦉"], "connections": [one, other]},
        {"frames": ["3"], "connections": [other, one], "close": True},
    ]
    answer = await world.work_off("workers.push_events", job_of(*deliveries))

    assert answer == {"batchItemFailures": []}
    for socket in sockets.values():
        assert [await socket.recv() for _ in range(3)] == ["1", "zwei 🦉", "3"]
        with pytest.raises(ConnectionClosedOK):
            await socket.recv()


async def test_stale_frames_are_shed_and_the_others_sent(
    world: World, sockets: dict[str, ClientConnection]
) -> None:
    one, other = sockets
    deliveries: list[dict[str, Any]] = [
        {"frames": ["typing"], "connections": [one, other], "shed_after": 3},
        {"frames": ["a message"], "connections": [one, other]},
        {"frames": ["here"], "connections": [one], "shed_after": 10},
    ]
    await world.work_off("workers.push_events", job_of(*deliveries, age=3.5))

    assert [await sockets[one].recv() for _ in range(2)] == ["a message", "here"]
    assert await sockets[other].recv() == "a message"


async def test_gone_sockets_are_reported_at_once(world: World) -> None:
    world.queues.drain(world.queues.sockets)
    answer = await world.work_off("workers.push_events", job("gone-1", "gone-2"), job("gone-3"))

    assert answer == {"batchItemFailures": []}
    jobs = world.queues.drain(world.queues.sockets)  # others' due jobs come late
    reported = [job["gone"] for job in jobs if "gone" in job]
    assert [sorted(each) for each in reported] == [["gone-1", "gone-2", "gone-3"]]


async def test_unsent_frames_are_retried_later(world: World, answers: dict[str, int]) -> None:
    world.queues.drain(world.queues.push)
    delivery = {"frames": ["{}", "[]"], "connections": [*answers, "gone"], "shed_after": 10}
    await world.work_off("workers.push_events", job_of(delivery))
    assert world.queues.drain(world.queues.push) == []
    await asyncio.sleep(1.1)
    (again,) = world.queues.drain(world.queues.push)

    assert (again["attempt"], again["correlation_id"]) == (2, "request-1")
    (left,) = again["deliveries"]
    assert (sorted(left["connections"]), left["frames"]) == (["broken", "busy"], ["{}", "[]"])
    assert left["shed_after"] == 10


async def test_after_four_attempts_a_push_is_dropped(world: World, answers: dict[str, int]) -> None:
    world.queues.drain(world.queues.push)
    answer = await world.work_off("workers.push_events", job(*answers, attempt=4))
    await asyncio.sleep(1.1)

    assert answer == {"batchItemFailures": []}
    assert world.queues.drain(world.queues.push) == []


async def test_an_invalid_push_job_is_reported_as_failed(world: World) -> None:
    answer = await world.work_off("workers.push_events", {"frames": []})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
