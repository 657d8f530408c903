"""Staged messages are made to fit together and numbered in the order in which they were said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports import staging_checks
from cgraph_local.imports.report import Report

DUPLICATES: LiteralString = """
    DELETE FROM staged_messages m
    USING (SELECT id, min(place) AS first
           FROM staged_messages GROUP BY id HAVING count(*) > 1) twice
    WHERE m.id = twice.id AND m.place > twice.first
    RETURNING m.file, m.ts, 'its time was there before', NULL
    """

WITHOUT_THREAD: LiteralString = """
    UPDATE staged_messages m SET reply_to = NULL
    WHERE reply_to IS NOT NULL AND NOT EXISTS (
        SELECT FROM staged_messages p
        WHERE p.id = m.reply_to AND p.conversation_id = m.conversation_id AND p.stamp < m.stamp)
    RETURNING m.file, m.ts, 'what it answers is not in the export', NULL
    """

ORDER: LiteralString = """
    CREATE TEMP TABLE said AS
    SELECT m.*, row_number() OVER (ORDER BY conversation_id, stamp, part) AS number
    FROM staged_messages m
    """


@dataclass(frozen=True, slots=True)
class Talk:
    """The messages of one conversation: their numbers in `said`, and who wrote any."""

    conversation_id: UUID
    first: int
    last: int
    authors: list[UUID]


def settle(connection: Connection[Any], *, report: Report) -> Iterator[Talk]:
    staging_checks.leave_out(connection, DUPLICATES, report=report)
    staging_checks.note(connection, WITHOUT_THREAD, report=report)
    connection.execute("DROP TABLE IF EXISTS said")
    connection.execute(ORDER)
    connection.execute("CREATE INDEX ON said (number)")
    connection.execute("ANALYZE said")
    _make_partitions(connection)
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            """
            SELECT conversation_id, min(number), max(number), array_agg(DISTINCT author_id)
            FROM said GROUP BY conversation_id
            """
        ).fetchall()
    for row in rows:
        yield Talk(*row)


def _make_partitions(connection: Connection[Any]) -> None:
    """One for each month in which something was said. A month whose messages lie in the default
    partition already gets none, and goes on there.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        months = cursor.execute(
            "SELECT DISTINCT date_trunc('month', created_at, 'UTC') FROM said ORDER BY 1"
        ).fetchall()
    for (month,) in months:
        try:
            connection.execute("SELECT make_partitions(%s)", (month,))
        except psycopg.errors.CheckViolation:
            continue
