"""A consumer reads what is new by an index, however long the log is, and so is a rewind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from cgraph.events.consumers import LoggedEvent
from cgraph.events.queries import NO_STREAM, Position, next_events
from cgraph.system.consumers.queries import cut_log, failed_events
from tests.feature.plans import plan_nodes, scanned_indexes
from tests.feature.world import World

WINDOW, WINDOWS = 5_000, 20
TYPES = ["test.planned"]


@dataclass(frozen=True, slots=True)
class LongLog:
    """The ids of the transactions that wrote the first `WINDOW` events, the next ones, and the last
    ten."""

    first: int
    second: int
    last: int


@pytest.fixture(scope="module")
async def long_log(world: World) -> LongLog:
    for number in (*[WINDOW] * WINDOWS, 10):
        await world.sql(
            """
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT gen_random_uuid(), 1, 'test.planned', '{}', now() FROM generate_series(1, %s)
            """,
            number,
        )
    await world.sql("ANALYZE events")
    rows = await world.sql(
        """
        SELECT DISTINCT xid::text::bigint AS id FROM events WHERE type = 'test.planned' ORDER BY id
        """
    )
    ids = [id for (id,) in rows]
    return LongLog(ids[0], ids[1], ids[-1])


def position(since: int, *, until: int = 2**60) -> Position:
    now = datetime.now(UTC)
    return Position(
        name="planned",
        shard=0,
        shards=1,
        since=since,
        since_at=now,
        until=until,
        until_at=now,
        is_begun=False,
        is_cut=False,
        stream_id=NO_STREAM,
        seq=0,
    )


async def test_what_is_new_is_found_by_its_transaction(world: World, long_log: LongLog) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: next_events(tx, LoggedEvent, position(long_log.last), types=TYPES, limit=500),
    )
    assert any(index.endswith("_xid_idx") for index in scanned_indexes(nodes)), nodes
    assert max(node["Actual Rows"] for node in nodes) <= 10


async def test_a_rewind_reads_up_to_the_next_cut(world: World, long_log: LongLog) -> None:
    window = position(long_log.first, until=long_log.second)
    nodes = await plan_nodes(
        world, lambda tx: next_events(tx, LoggedEvent, window, types=TYPES, limit=500)
    )
    assert any(index.endswith("_xid_idx") for index in scanned_indexes(nodes)), nodes
    assert max(node["Actual Rows"] for node in nodes) <= WINDOW


async def test_the_log_is_cut_once_where_it_has_grown(world: World, long_log: LongLog) -> None:
    nodes = await plan_nodes(world, lambda tx: cut_log(tx, events=WINDOW))
    cuts = await world.sql("DELETE FROM log_cuts RETURNING xid::text::bigint > %s", long_log.last)
    assert cuts == [(True,)]
    assert any(index.endswith("_xid_idx") for index in scanned_indexes(nodes)), nodes


async def test_failed_events_are_found_by_their_consumer(world: World) -> None:
    name = f"planned-{uuid4().hex[:8]}"
    await world.sql(
        """
        INSERT INTO failed_events (consumer, shard, stream_id, seq, created_at, type, reason)
        SELECT CASE WHEN n <= 10 THEN %s ELSE 'another' END, 0, gen_random_uuid(), 1, now(), 't', ''
        FROM generate_series(1, 5000) AS n
        """,
        name,
    )
    await world.sql("ANALYZE failed_events")
    nodes = await plan_nodes(world, lambda tx: failed_events(tx, name=name, limit=100))
    assert "Seq Scan" not in {node["Node Type"] for node in nodes}
    await world.sql("DELETE FROM failed_events WHERE type = 't'")
