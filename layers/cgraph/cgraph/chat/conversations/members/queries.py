"""Queries of members. The caller of a change has locked the conversation's stream."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.members.models import (
    AddedMemberRow,
    CandidateRow,
    MemberRoleRow,
    RemovedMemberRow,
)
from cgraph.chat.conversations.models import LARGE_GROUP
from cgraph.chat.policies import ConversationRole
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json


async def candidate(
    tx: Transaction, *, conversation_id: UUID, user_id: UUID, caller_id: UUID
) -> CandidateRow | None:
    """Returns None if the user does not exist."""
    return await tx.fetch_one(
        CandidateRow,
        """
        SELECT u.id, u.username, u.display_name, u.avatar, cm.role,
               is_block_between(u.id, %(caller_id)s) AS is_blocked,
               takes_invitation(u.id, %(caller_id)s, true) AS is_reachable
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


async def add_member(
    tx: Transaction,
    *,
    conversation_id: UUID,
    user_id: UUID,
    role: ConversationRole,
    payload: dict[str, object],
    now: datetime,
) -> AddedMemberRow:
    """Logs `member.added` and adds the member, who has read everything up to it, and sees it if the
    group's `history` says so. A conversation that has become large stays large.
    """
    row = await tx.fetch_one(
        AddedMemberRow,
        """
        SELECT * FROM add_member(%(conversation_id)s, %(user_id)s, %(role)s, %(payload)s::jsonb,
            %(large_group)s, %(now)s)
        """,
        {
            "conversation_id": conversation_id,
            "user_id": user_id,
            "role": role,
            "payload": encode_json(payload),
            "large_group": LARGE_GROUP,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


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


async def remove_member(
    tx: Transaction, *, conversation_id: UUID, user_id: UUID, now: datetime
) -> RemovedMemberRow:
    """Logs `member.removed` and, for the user, `conversation.left`."""
    row = await tx.fetch_one(
        RemovedMemberRow,
        "SELECT * FROM remove_member(%(conversation_id)s, %(user_id)s, %(now)s)",
        {"conversation_id": conversation_id, "user_id": user_id, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row
