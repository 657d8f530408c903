"""Workers that are killed at a chosen place."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, LiteralString

from psycopg.sql import SQL, Identifier

from tests.feature.world import World

WAITING: LiteralString = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'cgraph' AND wait_event_type = 'Lock'
"""


async def while_killed(world: World, table: str, work: Coroutine[Any, Any, Any]) -> int:
    """Does the work while a table is locked: where it is about to write there, its connection
    ends. Returns how often it was killed; not at all where it has nothing to write there."""
    kills = 0
    connection = await world._connect()
    async with connection, connection.transaction():
        await connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(table)))
        task = asyncio.ensure_future(work)
        while not task.done():
            kills += len(await (await connection.execute(WAITING)).fetchall())
            await asyncio.wait([task], timeout=0.02)
    await task
    return kills
