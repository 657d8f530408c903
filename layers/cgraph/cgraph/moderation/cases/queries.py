"""Cases in Postgres; case_json() of infra/schema/moderation/reports.sql builds their JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.pagination import Position
from cgraph.moderation.cases.models import CaseRow, ListedCase, ShownCase


@dataclass(frozen=True, slots=True)
class Moderated:
    id: UUID


@dataclass(frozen=True, slots=True)
class Resolved:
    first: bool


async def moderated_by(tx: Transaction, *, user_id: UUID) -> list[UUID]:
    rows = await tx.fetch(
        Moderated,
        """
        SELECT forum_id AS id FROM forum_members
        WHERE user_id = %(user_id)s AND role IN ('owner', 'moderator')
          AND forum_role(forum_id, user_id) IN ('owner', 'moderator')
        """,
        {"user_id": user_id},
    )
    return [row.id for row in rows]


async def unresolved(
    tx: Transaction,
    *,
    forums: Sequence[UUID],
    claimed: bool,
    after: tuple[int, UUID],
    limit: int,
    now: datetime,
) -> list[ListedCase]:
    """Those that somebody has claimed, or the others; the most pressing first, then the oldest."""
    return await tx.fetch(
        ListedCase,
        """
        SELECT c.priority, c.resolved_at, c.id, case_json(c, %(now)s)::text AS shown
        FROM unnest(%(forums)s::uuid[]) AS forum (id)
        CROSS JOIN LATERAL (
            SELECT * FROM report_cases
            WHERE forum_id = forum.id AND resolved_at IS NULL
              AND coalesce(claimed_until > %(now)s, false) = %(claimed)s
              AND priority <= %(priority)s AND (priority < %(priority)s OR id > %(id)s)
            ORDER BY priority DESC, id
            LIMIT %(limit)s
        ) AS c
        ORDER BY c.priority DESC, c.id
        LIMIT %(limit)s
        """,
        {
            "forums": list(forums),
            "claimed": claimed,
            "priority": after[0],
            "id": after[1],
            "limit": limit,
            "now": now,
        },
    )


async def resolved(
    tx: Transaction, *, forums: Sequence[UUID], below: Position, limit: int, now: datetime
) -> list[ListedCase]:
    """The last resolved first."""
    return await tx.fetch(
        ListedCase,
        """
        SELECT c.priority, c.resolved_at, c.id, case_json(c, %(now)s)::text AS shown
        FROM unnest(%(forums)s::uuid[]) AS forum (id)
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
        {"forums": list(forums), "at": below[0], "id": below[1], "limit": limit, "now": now},
    )


async def case_row(tx: Transaction, *, id: UUID) -> CaseRow | None:
    return await tx.fetch_one(
        CaseRow,
        """
        SELECT c.forum_id, c.target_kind, c.target_id, c.claimed_by, u.username AS claimant,
               c.claimed_until, c.resolved_at
        FROM report_cases c LEFT JOIN users u ON u.id = c.claimed_by
        WHERE c.id = %(id)s
        """,
        {"id": id},
    )


async def show(tx: Transaction, *, id: UUID, now: datetime) -> str:
    row = await tx.fetch_one(
        ShownCase,
        "SELECT case_json(c, %(now)s)::text AS shown FROM report_cases c WHERE id = %(id)s",
        {"id": id, "now": now},
    )
    assert row is not None, "cases are kept"
    return row.shown


async def claim(tx: Transaction, *, id: UUID, by: UUID, until: datetime, now: datetime) -> bool:
    """Whether it is theirs now: of two at once, one gets it."""
    return bool(
        await tx.execute(
            """
            UPDATE report_cases SET claimed_by = %(by)s, claimed_until = %(until)s
            WHERE id = %(id)s AND resolved_at IS NULL
              AND (claimed_by = %(by)s OR coalesce(claimed_until <= %(now)s, true))
            """,
            {"id": id, "by": by, "until": until, "now": now},
        )
    )


async def release(tx: Transaction, *, id: UUID, by: UUID) -> None:
    await tx.execute(
        """
        UPDATE report_cases SET claimed_by = NULL, claimed_until = NULL
        WHERE id = %(id)s AND resolved_at IS NULL AND claimed_by = %(by)s
        """,
        {"id": id, "by": by},
    )


async def resolve(
    tx: Transaction, *, id: UUID, by: UUID, action: str, note: str, now: datetime
) -> bool:
    """Whether nobody had."""
    row = await tx.fetch_one(
        Resolved,
        "SELECT resolve_case(%(id)s, %(by)s, %(action)s, %(note)s, %(now)s) AS first",
        {"id": id, "by": by, "action": action, "note": note, "now": now},
    )
    assert row is not None, "a function answers one row"
    return row.first
