"""Queries of members. The caller of a change has locked the conversation's stream."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.members.models import CandidateRow, MemberRoleRow
from cgraph.chat.conversations.models import LARGE_GROUP
from cgraph.chat.policies import ConversationRole
from cgraph.core.database import Transaction


async def candidate(
    tx: Transaction, *, conversation_id: UUID, user_id: UUID, caller_id: UUID
) -> CandidateRow | None:
    """Returns None if the user does not exist."""
    return await tx.fetch_one(
        CandidateRow,
        """
        SELECT u.id, u.username, u.display_name, cm.role,
               is_block_between(u.id, %(caller_id)s) AS is_blocked
        FROM users u
        LEFT JOIN conversation_members cm
            ON cm.conversation_id = %(conversation_id)s AND cm.user_id = u.id
        WHERE u.id = %(user_id)s
        """,
        {"conversation_id": conversation_id, "user_id": user_id, "caller_id": caller_id},
    )


async def member_roles(tx: Transaction, *, conversation_id: UUID) -> dict[UUID, ConversationRole]:
    members = await tx.fetch(
        MemberRoleRow,
        "SELECT user_id, role FROM conversation_members WHERE conversation_id = %(id)s",
        {"id": conversation_id},
    )
    return {member.user_id: member.role for member in members}


async def insert_member(
    tx: Transaction,
    *,
    conversation_id: UUID,
    user_id: UUID,
    role: ConversationRole,
    seq: int,
    now: datetime,
) -> None:
    """Adds the member, who has read everything up to `seq`, and sees it if the group's `history`
    says so. A conversation that has become large stays large.
    """
    await tx.execute(
        """
        WITH conversation AS (
            UPDATE conversations SET member_count = member_count + 1
            WHERE id = %(conversation_id)s
            RETURNING id, message_count, history, member_count > %(large_group)s AS outgrown
        ), outgrown AS (
            UPDATE conversation_members m SET large = true
            FROM conversation
            WHERE m.conversation_id = conversation.id AND outgrown AND NOT m.large
        )
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at, last_read_seq, read_count, history_after)
        SELECT id, %(user_id)s, %(role)s, %(now)s,
               outgrown OR EXISTS (SELECT FROM conversation_members
                                   WHERE conversation_id = %(conversation_id)s AND large),
               %(now)s, %(seq)s, message_count,
               CASE WHEN history = 'from_joining' THEN %(seq)s ELSE 0 END
        FROM conversation
        """,
        {
            "conversation_id": conversation_id,
            "user_id": user_id,
            "role": role,
            "seq": seq,
            "now": now,
            "large_group": LARGE_GROUP,
        },
    )


async def set_role(
    tx: Transaction, *, conversation_id: UUID, user_id: UUID, role: ConversationRole
) -> None:
    await tx.execute(
        """
        UPDATE conversation_members SET role = %(role)s
        WHERE conversation_id = %(conversation_id)s AND user_id = %(user_id)s
        """,
        {"conversation_id": conversation_id, "user_id": user_id, "role": role},
    )


async def delete_member(tx: Transaction, *, conversation_id: UUID, user_id: UUID) -> None:
    await tx.execute(
        """
        WITH deleted AS (
            DELETE FROM conversation_members
            WHERE conversation_id = %(conversation_id)s AND user_id = %(user_id)s
            RETURNING conversation_id
        )
        UPDATE conversations SET member_count = member_count - 1
        FROM deleted
        WHERE id = deleted.conversation_id
        """,
        {"conversation_id": conversation_id, "user_id": user_id},
    )
