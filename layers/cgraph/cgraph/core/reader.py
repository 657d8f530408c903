"""The reader: a copy of the database that is a little behind the primary, and takes no writes.

A caller reads there if what they have changed, or heard of, is older than the reader is behind
(`recent_changes`). How far it is behind is asked of Postgres; from then on it is at most that and
the time since, so the answer is used for as long as that is near enough. A reader that does not
answer is left alone for AWAY_SECONDS; the primary answers instead.
"""

import time
from typing import TYPE_CHECKING, Any

from cgraph.core import metrics
from cgraph.core.credentials import CredentialsUnavailable
from cgraph.core.database_connection import LazyConnection, live_connection
from cgraph.core.log import logger
from cgraph.core.settings import settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from cgraph.core.caller import Caller

AWAY_SECONDS = 5.0
MEASURED_AGAIN_SECONDS = 0.5
"""A reader that is too far behind is not asked more often."""

_connection = LazyConnection(at_reader=True)
_away_until = 0.0
_lag_ms = float("inf")
_measured_at = float("-inf")


async def connection_for(caller: "Caller") -> "AsyncConnection[Any] | None":
    """None where the primary must answer."""
    if caller.lag_ms_at_most <= 0 or time.monotonic() < _away_until:
        return None
    try:
        connection = await live_connection(_connection)
        near = await _is_near(connection, caller.lag_ms_at_most)
    except failures() as error:
        report_failure(error)
        return None
    return connection if near else None


async def lag_ms() -> float | None:
    """How far the reader is behind; None where it does not answer or does not know."""
    try:
        return await _measure(await live_connection(_connection))
    except failures() as error:
        report_failure(error)
        return None


def failures() -> tuple[type[Exception], ...]:
    """What the primary may answer where the reader does not: the connection is lost, replay has
    cancelled the statement, or what a migration has just made is not there yet.
    """
    from psycopg import InterfaceError, OperationalError, errors

    missing = (errors.UndefinedFunction, errors.UndefinedTable, errors.UndefinedColumn)
    return (OperationalError, InterfaceError, CredentialsUnavailable, *missing)


def report_failure(error: Exception) -> None:
    global _away_until, _measured_at
    _away_until = time.monotonic() + AWAY_SECONDS
    _measured_at = float("-inf")
    metrics.count("database.reader_failures")
    logger.warning("reader_failed", extra={"reason": str(error).strip().partition("\n")[0]})


def reset() -> None:
    """Drops the connection of another environment, and what it knew."""
    global _away_until, _measured_at
    _connection.reset()
    _away_until, _measured_at = 0.0, float("-inf")


async def _is_near(connection: "AsyncConnection[Any]", at_most: int) -> bool:
    since = time.monotonic() - _measured_at
    if _lag_ms + since * 1000 <= at_most:
        return True
    if since < MEASURED_AGAIN_SECONDS:
        return False
    lag = await _measure(connection)
    return lag is not None and lag <= at_most


async def _measure(connection: "AsyncConnection[Any]") -> float | None:
    global _lag_ms, _measured_at
    asked_at = time.monotonic()
    with metrics.query():
        cursor = await connection.execute("SELECT reader_lag_ms()")
    (lag,) = await cursor.fetchone() or (None,)
    _lag_ms, _measured_at = float("inf") if lag is None else float(lag), asked_at
    return lag if lag is None else float(lag)


def exists() -> bool:
    """Whether there is a reader beside the primary."""
    return settings().has_reader
