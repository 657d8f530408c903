from uuid import UUID

from cgraph.chat.models import Membership
from cgraph.core.database import Transaction


async def membership_of(tx: Transaction, *, id: UUID, user_id: UUID) -> Membership | None:
    return await tx.fetch_one(
        Membership,
        """
        SELECT cm.role, c.kind, c.name, c.history, c.link_previews, c.member_count
        FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
        WHERE cm.conversation_id = %(id)s AND cm.user_id = %(user_id)s
        """,
        {"id": id, "user_id": user_id},
    )


async def membership_for_update(tx: Transaction, *, id: UUID, user_id: UUID) -> Membership | None:
    """Locks the stream until the transaction ends, so that later statements change what they see.
    Returns None, and locks nothing, if the user is not a member.
    """
    return await tx.fetch_one(
        Membership,
        "SELECT * FROM membership_for_update(%(id)s, %(user_id)s)",
        {"id": id, "user_id": user_id},
    )
