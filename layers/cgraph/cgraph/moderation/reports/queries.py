"""Reports in Postgres: file_report(), infra/migrations/0009, keeps the case they are in."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.audit.models import EntityRef
from cgraph.moderation.reports.models import FiledRow, ReportRow


async def file(
    tx: Transaction,
    *,
    forum_id: UUID,
    target: EntityRef,
    reporter: UUID | None,
    reason: str,
    note: str,
    case_id: UUID,
    now: datetime,
) -> bool:
    """Whether it is new. `case_id`: of the case that it opens where none is open."""
    row = await tx.fetch_one(
        FiledRow,
        """
        SELECT file_report(%(forum_id)s, %(kind)s, %(target)s, %(reporter)s, %(reason)s, %(note)s,
                           %(case_id)s, %(now)s) AS is_new
        """,
        {
            "forum_id": forum_id,
            "kind": target.kind,
            "target": target.id,
            "reporter": reporter,
            "reason": reason,
            "note": note,
            "case_id": case_id,
            "now": now,
        },
    )
    assert row is not None, "a function answers one row"
    return row.is_new


async def report_of(tx: Transaction, *, target: UUID, reporter: UUID) -> ReportRow | None:
    return await tx.fetch_one(
        ReportRow,
        """
        SELECT reason, note, created_at FROM reports
        WHERE target_id = %(target)s AND reporter_id = %(reporter)s
        """,
        {"target": target, "reporter": reporter},
    )
