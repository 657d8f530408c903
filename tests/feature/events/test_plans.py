"""A consumer reads what is new by an index, however long the log is, and so is a rewind."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from cgraph.events.consumers import LoggedEvent
from cgraph.events.queries import NO_STREAM, Position, next_events
from cgraph.system.consumers.queries import failed_events
from tests.feature.plans import plan_nodes, scanned_indexes
from tests.feature.world import World

EVENTS = 100_000
TYPES = ["test.planned"]


@pytest.fixture(scope="module")
async def long_log(world: World) -> int:
    """The id of the transaction that wrote the last ten events."""
    for number in (EVENTS, 10):
        await world.sql(
            """
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT gen_random_uuid(), 1, 'test.planned', '{}', now() FROM generate_series(1, %s)
            """,
            number,
        )
    await world.sql("ANALYZE events")
    [(xid,)] = await world.sql("SELECT max(xid)::text::bigint FROM events")
    return int(xid)


def position(since: int) -> Position:
    now = datetime.now(UTC)
    return Position(
        name="planned",
        shard=0,
        shards=1,
        since=since,
        since_at=now,
        until=2**60,
        until_at=now,
        is_begun=False,
        stream_id=NO_STREAM,
        seq=0,
    )


async def test_what_is_new_is_found_by_its_transaction(world: World, long_log: int) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: next_events(tx, LoggedEvent, position(long_log), types=TYPES, limit=500),
    )
    assert any(index.endswith("_xid_idx") for index in scanned_indexes(nodes)), nodes
    assert max(node["Actual Rows"] for node in nodes) <= 10


async def test_a_rewind_reads_the_whole_log_in_the_order_of_an_index(
    world: World, long_log: int
) -> None:
    nodes = await plan_nodes(
        world, lambda tx: next_events(tx, LoggedEvent, position(0), types=TYPES, limit=500)
    )
    assert any(index.endswith("_pkey") for index in scanned_indexes(nodes)), nodes
    assert max(node["Actual Rows"] for node in nodes) <= 500


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
