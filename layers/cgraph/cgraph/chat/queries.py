from uuid import UUID

from cgraph.chat.models import Membership
from cgraph.core.database import Transaction


async def membership_of(tx: Transaction, *, id: UUID, user_id: UUID) -> Membership | None:
    return await tx.fetch_one(
        Membership,
        """
        SELECT cm.role, c.kind, c.name, c.history, c.member_count
        FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
        WHERE cm.conversation_id = %(id)s AND cm.user_id = %(user_id)s
        """,
        {"id": id, "user_id": user_id},
    )


async def lock_conversation_stream(tx: Transaction, *, id: UUID, user_id: UUID) -> bool:
    """Locks the stream until the transaction ends, so that later statements change what they see.
    Returns False, and locks nothing, if the user is not a member.
    """
    return bool(
        await tx.execute(
            """
            SELECT FROM streams s
            JOIN conversation_members cm ON cm.conversation_id = s.id AND cm.user_id = %(user_id)s
            WHERE s.id = %(id)s AND s.kind = 'conv'
            FOR NO KEY UPDATE OF s
            """,
            {"id": id, "user_id": user_id},
        )
    )
