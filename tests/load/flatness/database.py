"""A Postgres of its own with our schema, and the time that a statement takes in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection, AsyncCursor
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

from cgraph.core.database import Transaction
from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.migrations import migrate_home
from cgraph_local.services import Endpoints, Services

Item = TypeVar("Item")


class TimedTransaction(Transaction):
    """Adds up the seconds of its statements. Effects of the commit are no SQL and left out."""

    seconds = 0.0

    def on_commit(self, effect: Callable[[list[Item]], Awaitable[None]], item: Item) -> None:
        pass

    async def _execute(
        self, cursor: AsyncCursor[Any], query: LiteralString, values: Mapping[str, object]
    ) -> None:
        began = time.perf_counter()
        await super()._execute(cursor, query, values)
        self.seconds += time.perf_counter() - began


@asynccontextmanager
async def running_postgres(folder: Path) -> AsyncIterator[Endpoints]:
    home = Home(folder)
    services = Services(home, only=["postgres"])
    with home.lock():
        endpoints = await services.start(Progress(stream=None))
        try:
            migrate_home(home, endpoints=endpoints)
            yield endpoints
        finally:
            await services.stop()


@asynccontextmanager
async def connected(endpoints: Endpoints) -> AsyncIterator[AsyncConnection[Any]]:
    """As the functions connect: without prepared statements."""
    async with await AsyncConnection.connect(
        endpoints.conninfo, autocommit=True, prepare_threshold=None
    ) as connection:
        set_json_loads(from_json, connection)
        yield connection


def cpu_seconds(connection: AsyncConnection[Any]) -> float | None:
    """Of the connection's process in Postgres. None where the system does not tell."""
    path = Path(f"/proc/{connection.info.backend_pid}/schedstat")
    return int(path.read_text().split()[0]) / 1e9 if path.is_file() else None
