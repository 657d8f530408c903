"""Filters in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.audit.models import Subject
from cgraph.forums.filters.models import Filters, FiltersDraft


async def filters_of(tx: Transaction, *, forum_id: UUID) -> Filters | None:
    return await tx.fetch_one(
        Filters,
        """
        SELECT words, domains, action, updated_at FROM forum_filters WHERE forum_id = %(forum_id)s
        """,
        {"forum_id": forum_id},
    )


async def put(
    tx: Transaction, *, forum_id: UUID, draft: FiltersDraft, by: UUID, now: datetime
) -> None:
    await tx.execute(
        """
        INSERT INTO forum_filters VALUES (%(forum_id)s, %(words)s, %(domains)s, %(action)s, %(by)s,
                                          %(now)s)
        ON CONFLICT (forum_id) DO UPDATE
        SET words = excluded.words, domains = excluded.domains, action = excluded.action,
            updated_by = excluded.updated_by, updated_at = excluded.updated_at
        """,
        {
            "forum_id": forum_id,
            "words": draft.words,
            "domains": draft.domains,
            "action": draft.action,
            "by": by,
            "now": now,
        },
    )


async def report(
    tx: Transaction, *, forum_id: UUID, target: Subject, weight: int, case_id: UUID, now: datetime
) -> None:
    """Files a report without a reporter."""
    await tx.execute(
        """
        SELECT file_report(%(forum_id)s, %(kind)s, %(target)s, NULL, %(weight)s, 'filter', '',
                           %(case_id)s, %(now)s)
        """,
        {
            "forum_id": forum_id,
            "kind": target.kind,
            "target": target.id,
            "weight": weight,
            "case_id": case_id,
            "now": now,
        },
    )
