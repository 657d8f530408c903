"""Reports in Postgres. The SQL function file_report() also opens or updates their case."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.audit.models import EntityRef
from cgraph.moderation.reports.models import (
    FileReportRow,
    ReporterRecord,
    ReportRow,
    ReportsByRow,
)


async def file_report(
    tx: Transaction,
    *,
    forum_id: UUID,
    target: EntityRef,
    reporter: UUID,
    weight: int,
    reason: str,
    note: str,
    case_id: UUID,
    now: datetime,
) -> bool:
    """Returns False where the reporter has already reported the target.

    `case_id`: the id of the case that is opened if the target has no open one.
    """
    row = await tx.fetch_one(
        FileReportRow,
        """
        SELECT file_report(%(forum_id)s, %(kind)s, %(target)s, %(reporter)s, %(weight)s,
                           %(reason)s, %(note)s, %(case_id)s, %(now)s) AS is_new
        """,
        {
            "forum_id": forum_id,
            "kind": target.kind,
            "target": target.id,
            "reporter": reporter,
            "weight": weight,
            "reason": reason,
            "note": note,
            "case_id": case_id,
            "now": now,
        },
    )
    assert row is not None, "a function returns one row"
    return row.is_new


async def reports_by(
    tx: Transaction, *, target_id: UUID, reporter: UUID
) -> tuple[ReportRow | None, ReporterRecord]:
    """The user's report of the target, and what became of their reports of all targets."""
    row = await tx.fetch_one(
        ReportsByRow,
        """
        SELECT coalesce(record.upheld, 0) AS upheld, coalesce(record.dismissed, 0) AS dismissed,
               r.reason, r.note, r.created_at
        FROM (VALUES (%(reporter)s::uuid)) AS reporter (id)
        LEFT JOIN reporter_records record ON record.user_id = reporter.id
        LEFT JOIN reports r ON r.target_id = %(target_id)s AND r.reporter_id = reporter.id
        """,
        {"target_id": target_id, "reporter": reporter},
    )
    assert row is not None, "outer joins keep it"
    return row.report(), ReporterRecord(row.upheld, row.dismissed)


async def keep_evidence(tx: Transaction, *, target_id: UUID, now: datetime) -> None:
    """The open case of the target, if there is one, keeps what it says now."""
    await tx.execute(
        """
        SELECT keep_evidence(c, %(now)s) FROM report_cases c
        WHERE c.target_id = %(target_id)s AND c.resolved_at IS NULL
        """,
        {"target_id": target_id, "now": now},
    )
