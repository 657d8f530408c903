"""Reports in Postgres. The SQL function file_report() also opens or updates their case."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.audit.models import EntityRef
from cgraph.moderation.reports.models import FileReportRow, ReporterRecord, ReportRow


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


async def reporter_record(tx: Transaction, *, user_id: UUID) -> ReporterRecord:
    record = await tx.fetch_one(
        ReporterRecord,
        "SELECT upheld, dismissed FROM reporter_records WHERE user_id = %(user_id)s",
        {"user_id": user_id},
    )
    return record or ReporterRecord(upheld=0, dismissed=0)


async def report_of(tx: Transaction, *, target_id: UUID, reporter: UUID) -> ReportRow | None:
    return await tx.fetch_one(
        ReportRow,
        """
        SELECT reason, note, created_at FROM reports
        WHERE target_id = %(target_id)s AND reporter_id = %(reporter)s
        """,
        {"target_id": target_id, "reporter": reporter},
    )


async def keep_evidence(tx: Transaction, *, target_id: UUID, now: datetime) -> None:
    """The open case of the target, if there is one, keeps what it says now."""
    await tx.execute(
        """
        SELECT keep_evidence(c, %(now)s) FROM report_cases c
        WHERE c.target_id = %(target_id)s AND c.resolved_at IS NULL
        """,
        {"target_id": target_id, "now": now},
    )
