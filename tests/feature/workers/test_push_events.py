"""That frames reach sockets is tested end to end; here is what happens where they cannot."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.feature.world import World


def job(*connections: str, attempt: int = 1) -> dict[str, Any]:
    deliveries = [{"frames": ["{}", "[]"], "connections": list(connections)}]
    about = {"announced_at": time.time(), "correlation_id": "request-1"}
    return {"deliveries": deliveries, "attempt": attempt, **about}


@pytest.fixture
async def answers(world: World) -> dict[str, int]:
    """What the gateway answers for some connections; it knows no others."""
    answers = {"busy": 429, "broken": 500}
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"{world.gateway}/_local/faults"
        (await client.post(url, json={"answers": answers})).raise_for_status()
    return answers


async def test_gone_sockets_are_reported_at_once(world: World) -> None:
    world.queues.drain(world.queues.sockets)
    answer = await world.work_off("workers.push_events", job("gone-1", "gone-2"), job("gone-3"))

    assert answer == {"batchItemFailures": []}
    reported = [report["gone"] for report in world.queues.drain(world.queues.sockets)]
    assert sorted(map(sorted, reported)) == [["gone-1", "gone-2"], ["gone-3"]]


async def test_what_could_not_be_sent_comes_again_later(
    world: World, answers: dict[str, int]
) -> None:
    world.queues.drain(world.queues.push)
    await world.work_off("workers.push_events", job(*answers, "gone"))
    assert world.queues.drain(world.queues.push) == []
    await asyncio.sleep(1.1)
    (again,) = world.queues.drain(world.queues.push)

    assert (again["attempt"], again["correlation_id"]) == (2, "request-1")
    (left,) = again["deliveries"]
    assert (sorted(left["connections"]), left["frames"]) == (["broken", "busy"], ["{}", "[]"])


async def test_after_the_fourth_time_a_socket_is_left_to_its_heartbeat(
    world: World, answers: dict[str, int]
) -> None:
    world.queues.drain(world.queues.push)
    answer = await world.work_off("workers.push_events", job(*answers, attempt=4))
    await asyncio.sleep(1.1)

    assert answer == {"batchItemFailures": []}
    assert world.queues.drain(world.queues.push) == []


async def test_a_job_that_is_none_is_given_back(world: World) -> None:
    answer = await world.work_off("workers.push_events", {"frames": []})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
