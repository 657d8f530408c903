"""Cleans the staged messages: deletes duplicates and missing parents, and numbers them in order."""

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
    USING (SELECT id, min(position) AS first
           FROM staged_messages GROUP BY id HAVING count(*) > 1) duplicate
    WHERE m.id = duplicate.id AND m.position > duplicate.first
    RETURNING m.file, m.ts, 'duplicate timestamp', NULL
    """

MISSING_PARENTS: LiteralString = """
    UPDATE staged_messages m SET reply_to = NULL
    WHERE reply_to IS NOT NULL AND NOT EXISTS (
        SELECT FROM staged_messages p
        WHERE p.id = m.reply_to AND p.conversation_id = m.conversation_id
          AND p.timestamp_us < m.timestamp_us)
    RETURNING m.file, m.ts, 'its parent message is not in the export', NULL
    """

ORDER: LiteralString = """
    CREATE TEMP TABLE ordered_messages AS
    SELECT m.*, row_number() OVER (ORDER BY conversation_id, timestamp_us, part) AS number
    FROM staged_messages m
    """


@dataclass(frozen=True, slots=True)
class StagedConversation:
    """The messages of a conversation: their first and last number in `ordered_messages`, and their
    authors.
    """

    conversation_id: UUID
    first: int
    last: int
    authors: list[UUID]


def order_messages(connection: Connection[Any], *, report: Report) -> Iterator[StagedConversation]:
    """Cleans the messages and numbers them in `ordered_messages`, by conversation and time."""
    staging_checks.delete_invalid_rows(connection, DUPLICATES, report=report)
    staging_checks.report_changed_rows(connection, MISSING_PARENTS, report=report)
    connection.execute("DROP TABLE IF EXISTS ordered_messages")
    connection.execute(ORDER)
    connection.execute("CREATE INDEX ON ordered_messages (number)")
    connection.execute("ANALYZE ordered_messages")
    _make_partitions(connection)
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            """
            SELECT conversation_id, min(number), max(number), array_agg(DISTINCT author_id)
            FROM ordered_messages GROUP BY conversation_id
            """
        ).fetchall()
    for row in rows:
        yield StagedConversation(*row)


def _make_partitions(connection: Connection[Any]) -> None:
    """Creates a partition for each month with messages. A month whose messages are in the default
    partition already gets none and stays there.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        months = cursor.execute(
            """
            SELECT DISTINCT date_trunc('month', created_at, 'UTC') FROM ordered_messages ORDER BY 1
            """
        ).fetchall()
    for (month,) in months:
        try:
            connection.execute("SELECT make_partitions(%s)", (month,))
        except psycopg.errors.CheckViolation:
            continue
