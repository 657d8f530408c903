"""Members of forums in Postgres. The caller of a write has locked the forum's stream."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.members.models import ForumMemberRow, LoggedEventRow, UserInForumRow
from cgraph.forums.models import ForumAccess, WrittenRow
from cgraph.forums.policies import ForumRole


async def user_in_forum(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, caller_id: UUID
) -> UserInForumRow | None:
    """None where there is no such user."""
    return await tx.fetch_one(
        UserInForumRow,
        """
        SELECT u.id, u.username, u.display_name, u.avatar, m.role, m.joined_at,
               is_block_between(u.id, %(caller_id)s) AS is_blocked,
               EXISTS (SELECT FROM forum_bans b
                       WHERE b.forum_id = %(forum_id)s AND b.user_id = u.id
                         AND NOT b.shadow AND b.until > now()) AS banned
        FROM users u
        LEFT JOIN forum_members m ON m.forum_id = %(forum_id)s AND m.user_id = u.id
        WHERE u.id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id, "caller_id": caller_id},
    )


async def list_forum_members(
    tx: Transaction, *, forum_id: UUID, moderating: bool, after: UUID, limit: int
) -> list[ForumMemberRow]:
    """In the order of their ids. `moderating`: only the owner and the moderators."""
    return await tx.fetch(
        ForumMemberRow,
        """
        SELECT u.id, json_build_object(
            'id', u.id, 'username', u.username, 'display_name', u.display_name,
            'avatar', u.avatar, 'role', m.role, 'joined_at', rfc3339(m.joined_at))::text AS json
        FROM (
            (SELECT user_id, role, joined_at FROM forum_members
             WHERE NOT %(moderating)s AND forum_id = %(forum_id)s AND user_id > %(after)s
             ORDER BY user_id LIMIT %(limit)s)
            UNION ALL
            (SELECT user_id, role, joined_at FROM forum_members
             WHERE %(moderating)s AND forum_id = %(forum_id)s AND user_id > %(after)s
               AND role <> 'member'
             ORDER BY user_id LIMIT %(limit)s)
        ) m JOIN users u ON u.id = m.user_id
        ORDER BY u.id
        """,
        {"forum_id": forum_id, "moderating": moderating, "after": after, "limit": limit},
    )


async def join_forum(
    tx: Transaction, *, forum: ForumAccess, user_id: UUID, now: datetime
) -> WrittenRow:
    """The user becomes a member, unless their access to the forum is no longer as it was read."""
    row = await tx.fetch_one(
        WrittenRow,
        "SELECT * FROM join_forum(%(forum_id)s, %(user_id)s, %(etag)s, %(now)s)",
        {"forum_id": forum.id, "user_id": user_id, "etag": forum.etag, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row


async def insert_member(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, role: ForumRole, now: datetime
) -> dict[str, Any]:
    """An open request of the user is accepted with it. Returns the event `forum.joined`."""
    row = await tx.fetch_one(
        LoggedEventRow,
        "SELECT insert_forum_member(%(forum_id)s, %(user_id)s, %(role)s, %(now)s) AS event",
        {"forum_id": forum_id, "user_id": user_id, "role": role, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row.event


async def set_role(tx: Transaction, *, forum_id: UUID, user_id: UUID, role: ForumRole) -> None:
    await tx.execute(
        """
        UPDATE forum_members SET role = %(role)s
        WHERE forum_id = %(forum_id)s AND user_id = %(user_id)s
        """,
        {"forum_id": forum_id, "user_id": user_id, "role": role},
    )


async def delete_member(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, now: datetime
) -> dict[str, Any]:
    """Returns the event `forum.left`."""
    row = await tx.fetch_one(
        LoggedEventRow,
        "SELECT delete_forum_member(%(forum_id)s, %(user_id)s, %(now)s) AS event",
        {"forum_id": forum_id, "user_id": user_id, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row.event
