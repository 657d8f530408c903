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
                'role', cm.role, 'last_read_seq', NULL
            )::text AS json
        FROM conversation_members cm JOIN users u ON u.id = cm.user_id
        WHERE cm.conversation_id = %(conversation_id)s AND cm.user_id > %(above)s
        ORDER BY cm.user_id
        LIMIT %(limit)s
        """,
        {"conversation_id": conversation_id, "above": above, "limit": limit},
    )
