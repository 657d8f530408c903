"""Tables of this connection only, where what was read waits until all of it is known.

Each batch is a transaction of its own, here and when it goes on from here: whoever kills an import
loses one batch, and nobody waits for a lock longer than that takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection, sql

BATCH = 1000


class Stage:
    """Rows of one temporary table; each has a `place`, from 1 on."""

    def __init__(self, connection: Connection[Any], *, table: str, columns: Sequence[str]) -> None:
        """`columns`: as CREATE TABLE has them, "name type"."""
        self.rows = 0
        self._connection = connection
        self._waiting: list[tuple[object, ...]] = []
        names = [sql.Identifier(column.split()[0]) for column in columns]
        kinds = [sql.SQL(column.split(maxsplit=1)[1]) for column in columns]
        fields = [sql.SQL("{} {}").format(*pair) for pair in zip(names, kinds, strict=True)]
        self._table = sql.Identifier(table)
        self._copy = sql.SQL("COPY {} (place, {}) FROM STDIN").format(
            self._table, sql.SQL(", ").join(names)
        )
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self._table))
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} (place bigint NOT NULL, {})").format(
                self._table, sql.SQL(", ").join(fields)
            )
        )

    def add(self, *values: object) -> None:
        self.rows += 1
        self._waiting.append((self.rows, *values))
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        with self._connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            for row in self._waiting:
                copy.write_row(row)
        self._waiting.clear()

    def complete(self, *indices: str) -> None:
        """All of it is there; `indices`: columns by which it will be looked up."""
        self.flush()
        for columns in ("place", *indices):
            names = [sql.Identifier(name.strip()) for name in columns.split(",")]
            self._connection.execute(
                sql.SQL("CREATE INDEX ON {} ({})").format(self._table, sql.SQL(", ").join(names))
            )
        self._connection.execute(sql.SQL("ANALYZE {}").format(self._table))

    def spans(self) -> Iterator[dict[str, int]]:
        """`low` and `high` (included) of the places of each batch."""
        for low in range(1, self.rows + 1, BATCH):
            yield {"low": low, "high": low + BATCH - 1}
