"""A consumer gets each event of the log once, in the order of its stream, whatever fails."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.feature.events import following
from tests.feature.world import World

EVENT = """
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    VALUES (%s, %s, 'test.happened', %s, now())
"""
STILL_RUNNING = """
    SELECT pg_snapshot_xmin(s.now) < pg_snapshot_xmax(s.now) FROM pg_current_snapshot() AS s (now)
"""


class Log:
    """A stream of the test's own, and a consumer that begins at the end of the log so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stream = str(uuid4())
        self.consumer = f"consumer-{uuid4().hex[:8]}"

    async def begin(self, *, shards: int) -> None:
        """At the end of the log so far."""
        for shard in range(shards):
            await self.world.sql(
                """
                INSERT INTO consumers (name, shard, shards, since, since_at, moved_at)
                VALUES (%s, %s, %s, pg_snapshot_xmin(pg_current_snapshot()), now(), now())
                """,
                self.consumer,
                shard,
                shards,
            )

    async def append(self, *seqs: int, stream: str = "", **payload: Any) -> None:
        for seq in seqs:
            content = json.dumps({"seq": seq, **payload})
            await self.world.sql(EVENT, stream or self.stream, seq, content)

    async def settle(self) -> None:
        """Waits for transactions that are older than what was appended: an autovacuum, say."""
        async with asyncio.timeout(60):
            while await self.world.sql(STILL_RUNNING) == [(True,)]:
                await asyncio.sleep(0.02)

    async def consume(self, *arguments: Any) -> Any:
        return await self.world.run(following.consume, self.consumer, *arguments)

    async def catch_up(self, *arguments: Any) -> int:
        return int(await self.world.run(following.catch_up, self.consumer, *arguments))

    async def seqs(self, stream: str = "") -> list[int]:
        rows = await self.world.sql(
            "SELECT seq FROM notes WHERE consumer = %s AND stream_id = %s ORDER BY place",
            self.consumer,
            stream or self.stream,
        )
        return [seq for (seq,) in rows]

    async def failures(self) -> list[tuple[int, int, bool]]:
        """Number, tries, and whether it is set aside."""
        return await self.world.sql(
            "SELECT seq, tries, retry_at IS NULL FROM failed_events WHERE consumer = %s "
            "ORDER BY seq",
            self.consumer,
        )


@pytest.fixture
async def log(world: World) -> Log:
    for statement in following.NOTES:
        await world.sql(statement)
    log = Log(world)
    await log.begin(shards=1)
    return log


async def test_each_event_has_its_effect_once_and_in_order(log: Log) -> None:
    await log.append(1, 2, 3)
    await log.catch_up()
    await log.append(4, 5)
    await log.catch_up()
    await log.catch_up()
    assert await log.seqs() == [1, 2, 3, 4, 5]


async def test_batches_divide_a_window(log: Log) -> None:
    await log.append(*range(1, 8))
    await log.settle()
    sizes = [(await log.consume(0, 1, 3))["events"] for _ in range(3)]
    assert sizes == [3, 3, 1]
    assert await log.seqs() == list(range(1, 8))


async def test_an_event_waits_for_older_transactions(log: Log) -> None:
    """A later transaction may commit first: what the older one writes must not be passed over."""
    async with await psycopg.AsyncConnection.connect(log.world.endpoints.conninfo) as older:
        other = str(uuid4())
        await older.execute(EVENT, (other, 1, "{}"))
        await log.append(1)
        progress = await log.consume()
        assert (progress["caught_up"], progress["waits"]) == (True, True)
        assert await log.seqs() == []
        await older.commit()
    await log.catch_up()
    assert (await log.seqs(), await log.seqs(other)) == ([1], [1])


async def test_two_processes_do_not_do_the_same_event_twice(log: Log) -> None:
    await log.append(*range(1, 41))
    runs = (log.world.run(following.consume, log.consumer, 0, 1, 10, many=True) for _ in range(8))
    outcomes = await asyncio.gather(*runs)
    await log.catch_up()
    assert await log.seqs() == list(range(1, 41)), outcomes


async def test_an_event_that_fails_holds_nothing_up(log: Log) -> None:
    await log.append(1)
    await log.append(2, fails="always")
    await log.append(3)
    assert await log.catch_up() == 3
    assert await log.seqs() == [1, 3]
    assert await log.failures() == [(2, 1, False)]


async def test_an_event_that_always_fails_is_set_aside_after_its_tries(log: Log) -> None:
    await log.append(1, fails="always")
    await log.catch_up()
    for _ in range(6):
        await log.world.sql(
            "UPDATE failed_events SET retry_at = now() "
            "WHERE consumer = %s AND retry_at IS NOT NULL",
            log.consumer,
        )
        await log.world.run(following.retry, log.consumer)
    assert await log.failures() == [(1, 5, True)]


async def test_a_failed_event_is_done_once_it_can_be(log: Log) -> None:
    await log.append(1, fails="always")
    await log.catch_up()
    await log.world.sql("UPDATE events SET payload = '{}' WHERE stream_id = %s", log.stream)
    assert not await log.world.run(following.retry, log.consumer), "it is not due yet"
    await log.world.sql(
        "UPDATE failed_events SET retry_at = now() WHERE consumer = %s", log.consumer
    )
    assert await log.world.run(following.retry, log.consumer)
    assert (await log.seqs(), await log.failures()) == ([1], [])


async def test_nothing_is_done_while_what_it_needs_is_away(log: Log) -> None:
    await log.append(1)
    await log.append(2, fails="away")
    await log.settle()
    assert await log.consume() == {"raised": "Unavailable"}
    assert (await log.seqs(), await log.failures()) == ([], [])


async def test_shards_divide_the_streams(log: Log) -> None:
    name = log.consumer = f"consumer-{uuid4().hex[:8]}"
    await log.begin(shards=3)
    streams = [str(uuid4())[:-1] + digit for digit in "0123456789ab"]
    for stream in streams:
        await log.append(1, 2, stream=stream)
    for shard in range(3):
        await log.world.run(following.catch_up, name, shard, 3)
    assert [await log.seqs(stream) for stream in streams] == [[1, 2]] * 12
    share = "SELECT count(DISTINCT shard_of(stream_id, 3)) FROM notes WHERE consumer = %s"
    assert await log.world.sql(share, name) == [(3,)]
