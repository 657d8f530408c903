"""Postgres through RDS Proxy: one connection a process, opened on first use, and nothing that would
pin it. Where there is a reader, a second one for what may be read there.

The frequent writes are one statement and run in autocommit: one round trip, no BEGIN. Effects that
an action registers with `on_commit` run once it has committed, and never where it has not.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

from cgraph.core import metrics, reader
from cgraph.core.credentials import CredentialsUnavailable
from cgraph.core.database_connection import LazyConnection, live_connection
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger

if TYPE_CHECKING:
    from psycopg import AsyncConnection, AsyncCursor

    from cgraph.core.caller import Caller

Row = TypeVar("Row")
Item = TypeVar("Item")
Effect = Callable[[list[Any]], Awaitable[None]]
ROWS_HELD = 200
"""A cursor that is kept holds its last answer; one with more rows is closed."""

_primary = LazyConnection(at_reader=False)


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
        from cgraph.core.cursors import cursor_for

        cursor, same_query = cursor_for(self._connection, row, query)
        await self._execute(cursor, same_query, values)
        rows = await cursor.fetchall()
        if len(rows) > ROWS_HELD:
            await cursor.close()
        return rows

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

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """If the block raises, only what was written in it is undone. Within `transaction`."""
        async with self._connection.transaction():
            yield

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


class _AtReader(Transaction):
    """Reads at the reader; from the first statement that it fails to answer on, at the primary."""

    _reader_failed = False

    async def fetch(
        self, row: type[Row], query: LiteralString, values: Mapping[str, object]
    ) -> list[Row]:
        if not self._reader_failed:
            try:
                return await super().fetch(row, query, values)
            except reader.failures() as error:
                reader.report_failure(error)
                self._reader_failed = True
            self._connection = await live_connection(_primary)
        return await super().fetch(row, query, values)


@asynccontextmanager
async def autocommit() -> AsyncIterator[Transaction]:
    """Each statement commits by itself, in one round trip: for a write that is one statement.

    Raises DatabaseUnavailable: whether the write took place is then not known.
    """
    async with _refusing_when_unavailable():
        unit = Transaction(await live_connection(_primary))
        yield unit
    await unit.run_effects()


@asynccontextmanager
async def transaction() -> AsyncIterator[Transaction]:
    """Several statements that commit together: the first of them locks a stream, so that the later
    ones, each with a snapshot of its own, see what was committed before.

    Raises DatabaseUnavailable: whether the write took place is then not known.
    """
    async with _refusing_when_unavailable():
        connection = await live_connection(_primary)
        unit = Transaction(connection)
        metrics.round_trip("postgres")  # BEGIN
        async with connection.transaction():
            yield unit
            metrics.round_trip("postgres")  # COMMIT
    await unit.run_effects()


@asynccontextmanager
async def reading(caller: "Caller | None" = None) -> AsyncIterator[Transaction]:
    """Statements that only read. Raises DatabaseUnavailable.

    `caller`: who may get what is a little old, so that the reader answers, unless they have changed
    something that it may not have yet. Without one the primary answers.
    """
    async with _refusing_when_unavailable():
        connection = await reader.connection_for(caller) if caller else None
        yield (
            Transaction(await live_connection(_primary))
            if connection is None
            else _AtReader(connection)
        )


async def ping() -> None:
    """Raises DatabaseUnavailable where Postgres does not answer."""
    async with _refusing_when_unavailable():
        connection = await live_connection(_primary)
        with metrics.query():
            await connection.execute("SELECT 1")


def reset() -> None:
    """Drops the connections of another environment: the next statement opens a new one."""
    _primary.reset()
    reader.reset()


@asynccontextmanager
async def _refusing_when_unavailable() -> AsyncIterator[None]:
    from psycopg import InterfaceError, OperationalError

    try:
        yield
    except (OperationalError, InterfaceError, CredentialsUnavailable) as error:
        logger.error(
            "database_unavailable", extra={"reason": str(error).strip().partition("\n")[0]}
        )
        raise DatabaseUnavailable(retry_after=1) from error
