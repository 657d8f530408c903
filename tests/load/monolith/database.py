"""Postgres as a monolith uses it: a pool of connections whose statements stay prepared.

The statements are those of our queries, through the same Transaction. What differs is what carries
them: no new connection, nothing that RDS Proxy would forbid, no metrics of an invocation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar, cast

from psycopg import AsyncConnection, AsyncCursor
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool
from pydantic_core import from_json

from cgraph.core.database import Transaction
from cgraph.realtime import announcements
from cgraph.realtime.fanout import Announcement

if TYPE_CHECKING:
    from tests.load.monolith.sockets import Sockets

POOL_SIZE = 8
Item = TypeVar("Item")
Pool = AsyncConnectionPool[AsyncConnection[Any]]


class PooledTransaction(Transaction):
    """Keeps the events that are announced; the monolith has no other effects of a commit."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        super().__init__(connection)
        self.announcements: list[Announcement] = []

    def on_commit(self, effect: Callable[[list[Item]], Awaitable[None]], item: Item) -> None:
        if effect is announcements.deliver:
            self.announcements.append(Announcement(*cast("Any", item)))

    async def _execute(
        self, cursor: AsyncCursor[Any], query: LiteralString, values: Mapping[str, object]
    ) -> None:
        await cursor.execute(query, values)


class Database:
    def __init__(self, conninfo: str, *, sockets: Sockets) -> None:
        self._sockets = sockets
        self.pool: Pool = AsyncConnectionPool(
            conninfo,
            min_size=POOL_SIZE,
            max_size=POOL_SIZE,
            open=False,
            configure=_configure,
            kwargs={"autocommit": True, "prepare_threshold": 0},
        )

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[PooledTransaction]:
        async with self.pool.connection() as connection:
            unit = PooledTransaction(connection)
            yield unit
        self._sockets.publish(unit.announcements)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PooledTransaction]:
        async with self.pool.connection() as connection:
            unit = PooledTransaction(connection)
            async with connection.transaction():
                yield unit
        self._sockets.publish(unit.announcements)


async def _configure(connection: AsyncConnection[Any]) -> None:
    set_json_loads(from_json, connection)
