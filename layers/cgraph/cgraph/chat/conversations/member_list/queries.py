"""Queries of the list of a conversation's members."""

from uuid import UUID

from cgraph.chat.conversations.member_list.models import MemberRow
from cgraph.core.database import Transaction


async def list_members(
    tx: Transaction, *, conversation_id: UUID, above: UUID, limit: int
) -> list[MemberRow]:
    """Returns the members whose id is above `above`, in the order of their ids."""
    return await tx.fetch(
        MemberRow,
        """
        SELECT cm.user_id, json_build_object(
                'id', u.id, 'username', u.username, 'display_name', u.display_name,
                'avatar', u.avatar, 'role', cm.role, 'last_read_seq', NULL
            )::text AS json
        FROM (SELECT user_id, role FROM conversation_members
              WHERE conversation_id = %(conversation_id)s AND user_id > %(above)s
              ORDER BY user_id
              LIMIT %(limit)s) AS cm
        JOIN users u ON u.id = cm.user_id
        ORDER BY cm.user_id
        """,
        {"conversation_id": conversation_id, "above": above, "limit": limit},
    )
