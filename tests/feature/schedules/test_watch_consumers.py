"""The timer publishes how far each consumer is behind, and the readiness shows it."""

from __future__ import annotations

from uuid import uuid4

from tests.feature.world import World


async def test_the_lag_is_that_of_the_oldest_event_that_is_not_done(world: World) -> None:
    name = f"consumer-{uuid4().hex[:8]}"
    await world.sql(
        """
        INSERT INTO consumers (name, shard, shards, since, since_at, moved_at)
        VALUES (%s, 0, 1, pg_snapshot_xmin(pg_current_snapshot()), now(), now())
        """,
        name,
    )
    assert await lag_of(world, name) == 0
    await world.sql(
        """
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT gen_random_uuid(), 1, 'test.happened', '{}', now() - make_interval(secs => seconds)
        FROM unnest(ARRAY[5, 90, 30]) AS seconds
        """
    )
    assert 90 <= await lag_of(world, name) < 120
    await world.work_off("schedules.watch_consumers")
    await world.sql("DELETE FROM consumers WHERE name = %s", name)


async def lag_of(world: World, name: str) -> float:
    ready = await world.call("check_readiness")
    return float(ready.body["consumers"][name]["lag_seconds"])
