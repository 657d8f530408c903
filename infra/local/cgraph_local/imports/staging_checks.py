"""Items that a source has twice, or that belong to something it does not have."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports.report import Report


def leave_out(connection: Connection[Any], statement: LiteralString, *, report: Report) -> None:
    """`statement` removes rows from a stage and returns file, line, reason and detail of each."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for file, line, reason, detail in cursor.execute(statement):
            report.leave_out(file, line, reason, detail)


def note(connection: Connection[Any], query: LiteralString, *, report: Report) -> None:
    """As `leave_out`, of rows that are imported without what was wrong."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for file, line, reason, detail in cursor.execute(query):
            report.change(file, line, reason, detail)
