"""Cases in Postgres. The SQL function case_json() writes a ReportCase."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.cases.models import (
    CaseJSON,
    CaseRow,
    ClaimCaseRow,
    ForumIdRow,
    ResolveCaseRow,
)


async def moderated_forum_ids(tx: Transaction, *, user_id: UUID) -> list[UUID]:
    rows = await tx.fetch(
        ForumIdRow,
        """
        SELECT forum_id FROM forum_members
        WHERE user_id = %(user_id)s AND role IN ('owner', 'moderator')
          AND forum_role(forum_id, user_id) IN ('owner', 'moderator')
        """,
        {"user_id": user_id},
    )
    return [row.forum_id for row in rows]


async def list_unresolved_cases(
    tx: Transaction,
    *,
    forum_ids: Sequence[UUID],
    claimed: bool,
    after: tuple[int, UUID],
    limit: int,
    now: datetime,
) -> list[CaseJSON]:
    """Claimed or open cases after the position `after` (priority, id): highest priority first, then
    oldest first.
    """
    return await tx.fetch(
        CaseJSON,
        """
        SELECT q.priority, NULL::timestamptz AS resolved_at, (q.report_case).id AS id,
               case_json(q.report_case, %(now)s)::text AS json
        FROM list_unresolved_cases(%(forum_ids)s::uuid[], %(claimed)s, %(priority)s, %(id)s,
                                   %(limit)s, %(now)s) AS q
        """,
        {
            "forum_ids": list(forum_ids),
            "claimed": claimed,
            "priority": after[0],
            "id": after[1],
            "limit": limit,
            "now": now,
        },
    )


async def list_resolved_cases(
    tx: Transaction,
    *,
    forum_ids: Sequence[UUID],
    below: tuple[datetime, UUID],
    limit: int,
    now: datetime,
) -> list[CaseJSON]:
    """Resolved cases before the position `below` (time of resolution, id), newest first."""
    return await tx.fetch(
        CaseJSON,
        """
        SELECT c.priority, c.resolved_at, c.id, case_json(c, %(now)s)::text AS json
        FROM unnest(%(forum_ids)s::uuid[]) AS forum (id)
        CROSS JOIN LATERAL (
            SELECT * FROM report_cases
            WHERE forum_id = forum.id AND resolved_at IS NOT NULL
              AND (resolved_at, id) < (%(at)s, %(id)s)
            ORDER BY resolved_at DESC, id DESC
            LIMIT %(limit)s
        ) AS c
        ORDER BY c.resolved_at DESC, c.id DESC
        LIMIT %(limit)s
        """,
        {
            "forum_ids": list(forum_ids),
            "at": below[0],
            "id": below[1],
            "limit": limit,
            "now": now,
        },
    )


async def case_row(tx: Transaction, *, id: UUID) -> CaseRow | None:
    return await tx.fetch_one(
        CaseRow,
        """
        SELECT c.forum_id, c.target_kind, c.target_id,
               coalesce(post.author_id, comment.author_id) AS author_id, c.claimed_by,
               u.username AS claimed_by_username, c.claimed_until, c.resolved_at
        FROM report_cases c
        LEFT JOIN posts post ON post.id = c.target_id
        LEFT JOIN comments comment ON comment.id = c.target_id
        LEFT JOIN users u ON u.id = c.claimed_by
        WHERE c.id = %(id)s
        """,
        {"id": id},
    )


async def case_json(tx: Transaction, *, id: UUID, now: datetime) -> str:
    row = await tx.fetch_one(
        CaseJSON,
        """
        SELECT priority, resolved_at, id, case_json(c, %(now)s)::text AS json
        FROM report_cases c WHERE id = %(id)s
        """,
        {"id": id, "now": now},
    )
    assert row is not None, "cases are never deleted"
    return row.json


async def case_detail_json(tx: Transaction, *, id: UUID, now: datetime) -> str:
    row = await tx.fetch_one(
        CaseJSON,
        """
        SELECT priority, resolved_at, id, case_detail_json(c, %(now)s)::text AS json
        FROM report_cases c WHERE id = %(id)s
        """,
        {"id": id, "now": now},
    )
    assert row is not None, "cases are never deleted"
    return row.json


async def claim_case(
    tx: Transaction, *, id: UUID, by: UUID, until: datetime, now: datetime
) -> bool:
    """Returns False where another moderator has claimed the case or it is resolved."""
    row = await tx.fetch_one(
        ClaimCaseRow,
        "SELECT claim_case(%(id)s, %(by)s, %(until)s, %(now)s) AS is_claimed",
        {"id": id, "by": by, "until": until, "now": now},
    )
    assert row is not None, "a function returns one row"
    return row.is_claimed


async def release_case(tx: Transaction, *, id: UUID, by: UUID, now: datetime) -> bool:
    """Returns False where the user has no claim of the case."""
    return bool(
        await tx.execute(
            """
            UPDATE report_cases SET claimed_by = NULL, claimed_until = NULL
            WHERE id = %(id)s AND resolved_at IS NULL AND claimed_by = %(by)s
              AND claimed_until > %(now)s
            """,
            {"id": id, "by": by, "now": now},
        )
    )


async def resolve_case(
    tx: Transaction, *, id: UUID, by: UUID, action: str, note: str, now: datetime
) -> bool:
    """Returns False where the case is resolved already."""
    row = await tx.fetch_one(
        ResolveCaseRow,
        "SELECT resolve_case(%(id)s, %(by)s, %(action)s, %(note)s, %(now)s) AS is_first",
        {"id": id, "by": by, "action": action, "note": note, "now": now},
    )
    assert row is not None, "a function returns one row"
    return row.is_first
