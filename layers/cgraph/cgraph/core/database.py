"""Postgres through RDS Proxy: one connection a process, opened on first use, and nothing that would
pin it.

The frequent writes are one statement and run in autocommit: one round trip, no BEGIN. Effects that
an action registers with `on_commit` run once it has committed, and never where it has not.
"""

import select
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

from cgraph.core import iam, metrics
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger
from cgraph.core.settings import Settings, settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection, AsyncCursor

Row = TypeVar("Row")
Item = TypeVar("Item")
Effect = Callable[[list[Any]], Awaitable[None]]
_connection: "AsyncConnection[Any] | None" = None


class AlreadyExists(Exception):
    """A unique constraint refused the row; `constraint` is its name."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Transaction:
    """What an action reads and writes through, and registers the effects of its commit with."""

    def __init__(self, connection: "AsyncConnection[Any]") -> None:
        self._connection = connection
        self._effects: dict[Effect, list[Any]] = {}

    async def fetch(
        self, row: type[Row], query: LiteralString, values: Mapping[str, object]
    ) -> list[Row]:
        """All rows, each as a `row` by the names of the columns. Raises AlreadyExists,
        DatabaseUnavailable.
        """
        from psycopg.rows import class_row

        cursor = self._connection.cursor(binary=True, row_factory=class_row(row))
        await self._execute(cursor, query, values)
        return await cursor.fetchall()

    async def fetch_one(
        self, row: type[Row], query: LiteralString, values: Mapping[str, object]
    ) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch(row, query, values)
        return rows[0] if rows else None

    async def execute(self, query: LiteralString, values: Mapping[str, object]) -> int:
        """The number of rows changed. Postgres refuses several statements in one."""
        cursor = self._connection.cursor(binary=True)  # or psycopg may send them as a script
        await self._execute(cursor, query, values)
        return cursor.rowcount

    def on_commit(self, effect: Callable[[list[Item]], Awaitable[None]], item: Item) -> None:
        """Calls `effect` after the commit, once, with all items registered for it, in their order.

        The write has been committed by then and its reply must say so: an effect does not raise.
        """
        self._effects.setdefault(effect, []).append(item)

    async def run_effects(self) -> None:
        """In the order in which they were first registered."""
        for effect, items in self._effects.items():
            await effect(items)

    async def _execute(
        self, cursor: "AsyncCursor[Any]", query: LiteralString, values: Mapping[str, object]
    ) -> None:
        from psycopg.errors import UniqueViolation

        try:
            with metrics.query():
                await cursor.execute(query, values)
        except UniqueViolation as error:
            raise AlreadyExists(error.diag.constraint_name or "") from None


@asynccontextmanager
async def autocommit() -> AsyncIterator[Transaction]:
    """Each statement commits by itself, in one round trip: for a write that is one statement.

    Raises DatabaseUnavailable: whether the write took place is then not known.
    """
    async with _refusing_when_unavailable():
        unit = Transaction(await _live_connection())
        yield unit
    await unit.run_effects()


@asynccontextmanager
async def transaction() -> AsyncIterator[Transaction]:
    """Several statements that commit together: the first of them locks a stream, so that the later
    ones, each with a snapshot of its own, see what was committed before.

    Raises DatabaseUnavailable: whether the write took place is then not known.
    """
    async with _refusing_when_unavailable():
        connection = await _live_connection()
        unit = Transaction(connection)
        async with connection.transaction():
            yield unit
    await unit.run_effects()


@asynccontextmanager
async def reading() -> AsyncIterator[Transaction]:
    """Statements that only read. Raises DatabaseUnavailable."""
    async with _refusing_when_unavailable():
        yield Transaction(await _live_connection())


async def ping() -> None:
    """Raises DatabaseUnavailable where Postgres does not answer."""
    async with _refusing_when_unavailable():
        await (await _live_connection()).execute("SELECT 1")


def reset() -> None:
    """Drops the connection of another environment: the next statement opens a new one."""
    global _connection
    _connection = None


@asynccontextmanager
async def _refusing_when_unavailable() -> AsyncIterator[None]:
    from psycopg import InterfaceError, OperationalError

    try:
        yield
    except (OperationalError, InterfaceError) as error:
        logger.error(
            "database_unavailable", extra={"reason": str(error).strip().partition("\n")[0]}
        )
        raise DatabaseUnavailable(retry_after=1) from error


async def _live_connection() -> "AsyncConnection[Any]":
    """Replaces a connection that died while this environment was frozen, before anything is
    sent.
    """
    global _connection
    if _connection is not None and not _is_usable(_connection):
        await _connection.close()
        _connection = None
    if _connection is None:
        _connection = await _connect()
    return _connection


def _is_usable(connection: "AsyncConnection[Any]") -> bool:
    """On an idle connection the server sends nothing: readable means that it was closed."""
    from psycopg.pq import TransactionStatus

    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)


async def _connect() -> "AsyncConnection[Any]":
    """Without `options` and SET: RDS Proxy refuses the one and pins on the other. Timeouts are set
    on the role.
    """
    from psycopg import AsyncConnection
    from psycopg.types.json import set_json_loads
    from pydantic_core import from_json

    here = settings()
    connection = await AsyncConnection.connect(
        host=here.database_host,
        port=here.database_port,
        dbname=here.database_name,
        user=here.database_user,
        connect_timeout=3,
        keepalives_idle=30,
        autocommit=True,
        prepare_threshold=None,
        **_credentials(here),
    )
    set_json_loads(from_json, connection)  # twice as quick as json's own: 90 µs in a list
    return connection


def _credentials(here: Settings) -> dict[str, Any]:
    if here.database_auth == "none":
        return {}
    return dict(
        iam.database_credentials(
            host=here.database_host, port=here.database_port, user=here.database_user
        )
    )
