"""Bans in Postgres. Callers that change them have locked the forum's stream."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.bans.models import BanCandidate, BanJSON, BanRow


async def ban_candidate(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> BanCandidate | None:
    """Returns None where there is no such user."""
    return await tx.fetch_one(
        BanCandidate,
        """
        SELECT m.role
        FROM users u LEFT JOIN forum_members m ON m.user_id = u.id AND m.forum_id = %(forum_id)s
        WHERE u.id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id},
    )


async def ban_of(tx: Transaction, *, forum_id: UUID, user_id: UUID, now: datetime) -> BanRow | None:
    """The ban that is in force, if there is one."""
    return await tx.fetch_one(
        BanRow,
        """
        SELECT id, shadow FROM forum_bans
        WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s AND until > %(now)s
        """,
        {"forum_id": forum_id, "user_id": user_id, "now": now},
    )


async def upsert_ban(
    tx: Transaction,
    *,
    forum_id: UUID,
    user_id: UUID,
    until: datetime | None,
    shadow: bool,
    reason: str,
    by: UUID,
    now: datetime,
) -> BanJSON:
    """Replaces the user's earlier ban. `until`: None is permanent."""
    row = await tx.fetch_one(
        BanJSON,
        """
        INSERT INTO forum_bans AS b (forum_id, user_id, until, shadow, reason, created_by,
                                     created_at)
        VALUES (%(forum_id)s, %(user_id)s, %(until)s::timestamptz, %(shadow)s, %(reason)s, %(by)s,
                %(now)s)
        ON CONFLICT (forum_id, user_id) DO UPDATE
        SET id = gen_random_uuid(), until = excluded.until, shadow = excluded.shadow,
            reason = excluded.reason, created_by = excluded.created_by,
            created_at = excluded.created_at
        RETURNING created_at, user_id, ban_json(b)::text AS json
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
    assert row is not None, "an upsert returns its row"
    return row


async def delete_ban(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> None:
    await tx.execute(
        "DELETE FROM forum_bans WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s",
        {"forum_id": forum_id, "user_id": user_id},
    )


async def list_bans(
    tx: Transaction, *, forum_id: UUID, below: tuple[datetime, UUID], limit: int, now: datetime
) -> list[BanJSON]:
    """Bans in force before the position `below`, newest first."""
    return await tx.fetch(
        BanJSON,
        """
        SELECT created_at, user_id, ban_json(b)::text AS json
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
