"""Votes are logged for search soon, some seconds of them as one change."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.feature.forum import Thread, new_thread
from tests.feature.search.indexing import index
from tests.feature.world import Person, World

LOG_SCORES = {"log_scores": True}


@pytest.fixture
async def thread(world: World, ada: Person) -> Thread:
    thread = await new_thread(ada)
    await world.work_off("workers.maintain_sockets", LOG_SCORES)
    for queue in (world.queues.sockets, world.queues.log):
        world.queues.drain(queue)
    world.valkey.delete("log:nudge")
    await index(world)
    return thread


async def indexed_score(world: World, thread: Thread) -> int:
    await index(world)
    rows = await world.sql("SELECT score FROM search_documents WHERE id = %s", thread.post)
    return int(rows[0][0])


async def score_jobs(world: World) -> list[Any]:
    """They are delayed: waits for the first."""
    async with asyncio.timeout(30):
        while not (jobs := world.queues.drain(world.queues.sockets)):
            await asyncio.sleep(0.1)
    return [job for job in jobs if "log_scores" in job]


def is_under_way(world: World) -> bool:
    return bool(world.valkey.exists("log:scores"))


async def test_the_first_vote_sends_the_job_and_later_ones_find_it_under_way(
    world: World, grace: Person, eve: Person, thread: Thread
) -> None:
    for person in (grace, eve):
        assert (await thread.vote(person, 1)).status == 200
    assert await score_jobs(world) == [LOG_SCORES]
    await world.work_off("workers.maintain_sockets", LOG_SCORES)
    assert world.queues.drain(world.queues.log) == [{}]
    assert await indexed_score(world, thread) == 2
    assert not is_under_way(world)
    await thread.vote(eve, -1)
    assert is_under_way(world)


async def test_a_vote_that_changes_nothing_sends_no_job(
    world: World, grace: Person, thread: Thread
) -> None:
    await thread.vote(grace, 0)
    assert not is_under_way(world)


async def test_without_valkey_the_vote_counts_and_the_timer_logs_it(
    world: World, grace: Person, thread: Thread
) -> None:
    async with world.away("valkey"):
        assert (await thread.vote(grace, 1)).status == 200
    assert not is_under_way(world)
    await world.work_off("schedules.watch_consumers")
    assert await indexed_score(world, thread) == 1
