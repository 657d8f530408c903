"""Cursors that are used again. For each new one, psycopg finds out how to adapt the values of its
statement and of the answer, which takes a tenth of the time that a small statement takes here.
"""

from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import class_row

Row = TypeVar("Row")
Kept = dict[tuple[type, str], tuple[AsyncCursor[Any], LiteralString]]

KEPT_AT_MOST = 64
"""Of one connection; no function has so many statements."""

_kept: dict[AsyncConnection[Any], Kept] = {}


def cursor_for(
    connection: AsyncConnection[Any], row: type[Row], query: LiteralString
) -> tuple[AsyncCursor[Row], LiteralString]:
    """A cursor for this statement, and the statement to execute: the same object as the last time,
    by which psycopg knows that it has found out already.
    """
    kept = _kept.get(connection)
    if kept is None:
        forget_closed()
        kept = _kept[connection] = {}
    found = kept.get((row, query))
    if found is None or found[0].closed:
        if len(kept) >= KEPT_AT_MOST:
            kept.clear()
        found = connection.cursor(binary=True, row_factory=class_row(row)), query
        kept[row, query] = found
    return found


def forget_closed() -> None:
    """Cursors of connections that are closed."""
    for connection in [each for each in _kept if each.closed]:
        del _kept[connection]
