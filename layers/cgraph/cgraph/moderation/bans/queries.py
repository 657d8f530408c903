"""Bans in Postgres. Whoever changes them has locked the forum's stream."""

from datetime import UTC, datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.pagination import Position
from cgraph.moderation.bans.models import BanRow, Candidate, ListedBan

LATEST: Position = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def candidate(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> Candidate | None:
    """None where there is no such person."""
    return await tx.fetch_one(
        Candidate,
        """
        SELECT m.role
        FROM users u LEFT JOIN forum_members m ON m.user_id = u.id AND m.forum_id = %(forum_id)s
        WHERE u.id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id},
    )


async def ban_of(tx: Transaction, *, forum_id: UUID, user_id: UUID, now: datetime) -> BanRow | None:
    return await tx.fetch_one(
        BanRow,
        """
        SELECT id, shadow FROM forum_bans
        WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s AND until > %(now)s
        """,
        {"forum_id": forum_id, "user_id": user_id, "now": now},
    )


async def put(
    tx: Transaction,
    *,
    forum_id: UUID,
    user_id: UUID,
    until: datetime | None,
    shadow: bool,
    reason: str,
    by: UUID,
    now: datetime,
) -> ListedBan:
    """A new one, in place of one that was there. `until`: None is for ever."""
    row = await tx.fetch_one(
        ListedBan,
        """
        INSERT INTO forum_bans AS b (forum_id, user_id, until, shadow, reason, created_by,
                                     created_at)
        VALUES (%(forum_id)s, %(user_id)s, %(until)s::timestamptz, %(shadow)s, %(reason)s, %(by)s,
                %(now)s)
        ON CONFLICT (forum_id, user_id) DO UPDATE
        SET id = gen_random_uuid(), until = excluded.until, shadow = excluded.shadow,
            reason = excluded.reason, created_by = excluded.created_by,
            created_at = excluded.created_at
        RETURNING created_at, user_id, ban_json(b)::text AS shown
        """,
        {
            "forum_id": forum_id,
            "user_id": user_id,
            "until": until.isoformat() if until else "infinity",
            "shadow": shadow,
            "reason": reason,
            "by": by,
            "now": now,
        },
    )
    assert row is not None, "an upsert answers its row"
    return row


async def delete(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> None:
    await tx.execute(
        "DELETE FROM forum_bans WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s",
        {"forum_id": forum_id, "user_id": user_id},
    )


async def bans_in(
    tx: Transaction, *, forum_id: UUID, below: Position, limit: int, now: datetime
) -> list[ListedBan]:
    """The latest first, those in force."""
    return await tx.fetch(
        ListedBan,
        """
        SELECT created_at, user_id, ban_json(b)::text AS shown
        FROM forum_bans b
        WHERE forum_id = %(forum_id)s AND (created_at, user_id) < (%(at)s, %(user_id)s)
          AND until > %(now)s
        ORDER BY created_at DESC, user_id DESC
        LIMIT %(limit)s
        """,
        {
            "forum_id": forum_id,
            "at": below[0],
            "user_id": below[1],
            "limit": limit,
            "now": now,
        },
    )
