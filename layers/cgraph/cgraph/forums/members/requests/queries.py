"""Requests to become a member, in Postgres. The callers of a write have locked the forum."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.members.requests.models import (
    ModeratorIdRow,
    RequestedForum,
    RequestJSON,
    RequestRow,
    RequestState,
)


async def requested_forum(tx: Transaction, *, slug: str, user_id: UUID) -> RequestedForum | None:
    return await tx.fetch_one(
        RequestedForum,
        """
        SELECT f.id, f.slug, f.visibility, f.join_requests, m.role,
               EXISTS (SELECT FROM forum_bans b
                       WHERE b.forum_id = f.id AND b.user_id = %(user_id)s
                         AND NOT b.shadow AND b.until > now()) AS banned,
               EXISTS (SELECT FROM forum_members o
                       WHERE o.forum_id = f.id AND o.role = 'owner'
                         AND is_block_between(o.user_id, %(user_id)s)) AS blocked
        FROM forums f
        LEFT JOIN forum_members m ON m.forum_id = f.id AND m.user_id = %(user_id)s
        WHERE lower(f.slug) = lower(%(slug)s)
        """,
        {"slug": slug, "user_id": user_id},
    )


async def last_request(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> RequestRow | None:
    return await tx.fetch_one(
        RequestRow,
        """
        SELECT state, decided_at FROM membership_requests
        WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id},
    )


async def open_request(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, message: str, now: datetime
) -> None:
    """Replaces the user's last request, which is not open."""
    await tx.execute(
        """
        INSERT INTO membership_requests (forum_id, user_id, message, state, created_at)
        VALUES (%(forum_id)s, %(user_id)s, %(message)s, 'open', %(now)s)
        ON CONFLICT (forum_id, user_id) DO UPDATE
        SET message = excluded.message, state = 'open', note = '', created_at = excluded.created_at,
            decided_by = NULL, decided_at = NULL
        """,
        {"forum_id": forum_id, "user_id": user_id, "message": message, "now": now},
    )


async def close_request(
    tx: Transaction,
    *,
    forum_id: UUID,
    user_id: UUID,
    state: RequestState,
    note: str,
    by: UUID,
    now: datetime,
) -> bool:
    """Returns False where the user has no open request."""
    return bool(
        await tx.execute(
            """
            UPDATE membership_requests
            SET state = %(state)s, note = %(note)s, decided_by = %(by)s, decided_at = %(now)s
            WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s AND state = 'open'
            """,
            {
                "forum_id": forum_id,
                "user_id": user_id,
                "state": state,
                "note": note,
                "by": by,
                "now": now,
            },
        )
    )


async def request_json(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> str:
    """A MembershipRequest. The user has made one."""
    row = await tx.fetch_one(
        RequestJSON,
        """
        SELECT created_at, user_id, membership_request_json(r)::text AS json
        FROM membership_requests r
        WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id},
    )
    assert row is not None, "requests are deleted with their user only"
    return row.json


async def list_membership_requests(
    tx: Transaction, *, forum_id: UUID, after: tuple[datetime, UUID], limit: int
) -> list[RequestJSON]:
    """Open requests after the position `after`, oldest first."""
    return await tx.fetch(
        RequestJSON,
        """
        SELECT created_at, user_id, membership_request_json(r)::text AS json
        FROM membership_requests r
        WHERE forum_id = %(forum_id)s AND state = 'open'
          AND (created_at, user_id) > (%(at)s, %(user_id)s)
        ORDER BY created_at, user_id
        LIMIT %(limit)s
        """,
        {"forum_id": forum_id, "at": after[0], "user_id": after[1], "limit": limit},
    )


async def moderator_ids(tx: Transaction, *, forum_id: UUID) -> list[UUID]:
    """The owner and the moderators who are not banned."""
    rows = await tx.fetch(
        ModeratorIdRow,
        """
        SELECT user_id FROM forum_members
        WHERE forum_id = %(forum_id)s AND role IN ('owner', 'moderator')
          AND forum_role(forum_id, user_id) IN ('owner', 'moderator')
        """,
        {"forum_id": forum_id},
    )
    return [row.user_id for row in rows]


async def lock_user_streams(tx: Transaction, *, ids: Sequence[UUID]) -> None:
    """Locks the streams until the transaction ends, the lesser id first."""
    await tx.execute(
        "SELECT FROM streams WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": list(ids)},
    )
