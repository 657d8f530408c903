"""Filters in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.filters.models import ForumFilters, ForumFiltersDraft


async def forum_filters(tx: Transaction, *, forum_id: UUID) -> ForumFilters | None:
    return await tx.fetch_one(
        ForumFilters,
        """
        SELECT words, domains, action, updated_at FROM forum_filters WHERE forum_id = %(forum_id)s
        """,
        {"forum_id": forum_id},
    )


async def upsert_filters(
    tx: Transaction, *, forum_id: UUID, draft: ForumFiltersDraft, updated_by: UUID, now: datetime
) -> None:
    await tx.execute(
        """
        INSERT INTO forum_filters
        VALUES (%(forum_id)s, %(words)s, %(domains)s, %(action)s, %(updated_by)s, %(now)s)
        ON CONFLICT (forum_id) DO UPDATE
        SET words = excluded.words, domains = excluded.domains, action = excluded.action,
            updated_by = excluded.updated_by, updated_at = excluded.updated_at
        """,
        {
            "forum_id": forum_id,
            "words": draft.words,
            "domains": draft.domains,
            "action": draft.action,
            "updated_by": updated_by,
            "now": now,
        },
    )
