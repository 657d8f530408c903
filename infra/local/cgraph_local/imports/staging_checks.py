"""Reports items that are duplicates or refer to something that the source does not contain."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports.report import Report


def delete_invalid_rows(
    connection: Connection[Any], statement: LiteralString, *, report: Report
) -> None:
    """`statement` deletes rows from a staging table and returns the file, line, reason and detail
    of each.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        for file, line, reason, detail in cursor.execute(statement):
            report.leave_out(file, line, reason, detail)


def report_changed_rows(
    connection: Connection[Any], query: LiteralString, *, report: Report
) -> None:
    """`query` returns the same for rows that are imported in a changed form."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for file, line, reason, detail in cursor.execute(query):
            report.change(file, line, reason, detail)
