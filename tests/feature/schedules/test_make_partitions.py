from __future__ import annotations

import asyncio
from uuid import uuid4

from psycopg import sql

from tests.feature.world import World


async def months_ahead(world: World) -> list[str]:
    rows = await world.sql(
        """
        SELECT to_char((now() AT TIME ZONE 'UTC') + make_interval(months => ahead), '"y"YYYY"m"MM')
        FROM generate_series(0, 3) AS ahead
        """
    )
    return [row[0] for row in rows]


async def partitions(world: World, parent: str) -> set[str]:
    rows = await world.sql(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", parent
    )
    return {row[0] for row in rows}


async def test_partitions_of_the_months_ahead_are_created_once(world: World) -> None:
    wanted = {
        parent: {f"{parent}_{month}" for month in await months_ahead(world)} | {f"{parent}_default"}
        for parent in ("events", "messages")
    }
    lost = f"events_{(await months_ahead(world))[-1]}"
    await world.sql(sql.SQL("DROP TABLE {}").format(sql.Identifier(lost)))
    before = {
        parent: await partitions(world, parent) for parent in wanted
    }  # imports have their own
    assert wanted["events"] - before["events"] == {lost}
    await asyncio.gather(*(world.work_off("schedules.make_partitions") for _ in range(3)))

    for parent, names in wanted.items():
        assert await partitions(world, parent) == before[parent] | names


async def test_a_row_outside_all_months_is_kept_in_the_default_partition(world: World) -> None:
    stream = uuid4()
    await world.sql(
        "INSERT INTO events (stream_id, seq, type, payload, created_at)"
        " VALUES (%s, 1, 'test', '{}', '2001-01-01')",
        stream,
    )

    rows = await world.sql(
        "SELECT tableoid::regclass::text FROM events WHERE stream_id = %s", stream
    )
    assert rows == [("events_default",)]
    await world.sql("DELETE FROM events WHERE stream_id = %s", stream)
