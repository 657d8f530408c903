"""Staging tables: temporary tables for everything that was read, until all of it is known.

Rows are written in batches, here and when they are inserted into the final tables, and each batch
is a transaction. So an import that is killed loses one batch, and nobody waits longer for its
locks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection, sql

BATCH_SIZE = 1000


class StagingTable:
    """A temporary table. Its column `position` numbers the rows from 1."""

    def __init__(self, connection: Connection[Any], *, name: str, columns: Sequence[str]) -> None:
        """Replaces a table of this name. `columns`: "name type", as in CREATE TABLE."""
        self.rows = 0
        self._connection = connection
        self._buffer: list[tuple[object, ...]] = []
        names = [sql.Identifier(column.split()[0]) for column in columns]
        types = [sql.SQL(column.split(maxsplit=1)[1]) for column in columns]
        fields = [sql.SQL("{} {}").format(*pair) for pair in zip(names, types, strict=True)]
        self._table = sql.Identifier(name)
        self._copy = sql.SQL("COPY {} (position, {}) FROM STDIN").format(
            self._table, sql.SQL(", ").join(names)
        )
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self._table))
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} (position bigint NOT NULL, {})").format(
                self._table, sql.SQL(", ").join(fields)
            )
        )

    def add(self, *values: object) -> None:
        self.rows += 1
        self._buffer.append((self.rows, *values))
        if len(self._buffer) >= BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        if not self._buffer:
            return
        with self._connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            for row in self._buffer:
                copy.write_row(row)
        self._buffer.clear()

    def finish(self, *indexes: str) -> None:
        """Must be called after the last `add`. `indexes`: the columns of each index to create."""
        self.flush()
        for columns in ("position", *indexes):
            names = [sql.Identifier(name.strip()) for name in columns.split(",")]
            self._connection.execute(
                sql.SQL("CREATE INDEX ON {} ({})").format(self._table, sql.SQL(", ").join(names))
            )
        self._connection.execute(sql.SQL("ANALYZE {}").format(self._table))

    def batches(self) -> Iterator[dict[str, int]]:
        """The first and last position of each batch, as `low` and `high`."""
        for low in range(1, self.rows + 1, BATCH_SIZE):
            yield {"low": low, "high": low + BATCH_SIZE - 1}
