"""Queries of conversations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.models import (
    LARGE_GROUP,
    ChangedConversation,
    Conversation,
    ConversationRow,
    IdRow,
    InviteeRow,
    JoinedRow,
)
from cgraph.chat.models import ConversationKind
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json


async def list_conversations(
    tx: Transaction,
    *,
    reader: UUID,
    below: tuple[datetime, UUID],
    limit: int,
    member_limit: int,
    unread: bool = False,
    muted: bool | None = None,
) -> list[ConversationRow]:
    """Returns the reader's conversations, last active first, from below (`active_at`, id).
    `member_limit`: how many members to show of each. `unread`: only unread ones; `muted`: only
    those that are muted, or only those that are not.
    """
    active_before, id_below = below
    return await tx.fetch(
        ConversationRow,
        """
        SELECT active_at, id, json_build_object(
                'id', id, 'kind', kind, 'name', name, 'history', history,
                'link_previews', link_previews, 'created_by', created_by,
                'created_at', rfc3339(created_at), 'active_at', rfc3339(active_at),
                'member_count', member_count, 'members', members, 'last_message', last_message,
                'head', head, 'role', role, 'muted', muted, 'muted_until', rfc3339(muted_until),
                'last_read_seq', last_read_seq, 'unread_count', unread_count,
                'marked_unread', marked_unread, 'mention_count', mention_count
            )::text AS json
        FROM list_conversations(%(reader)s, NULL, %(at)s, %(id)s, %(limit)s, %(members)s,
                                %(unread)s, %(muted)s)
        """,
        {
            "reader": reader,
            "at": active_before,
            "id": id_below,
            "limit": limit,
            "members": member_limit,
            "unread": unread,
            "muted": muted,
        },
    )


async def conversation_by_id(
    tx: Transaction, *, reader: UUID, id: UUID, member_limit: int
) -> Conversation | None:
    """Returns None also if the reader is not a member."""
    return await tx.fetch_one(
        Conversation,
        """
        SELECT * FROM list_conversations(%(reader)s, %(id)s, NULL, NULL, 1, %(members)s, false,
                                         NULL)
        """,
        {"reader": reader, "id": id, "members": member_limit},
    )


async def change_conversation(tx: Transaction, conversation: ChangedConversation) -> list[UUID]:
    """Returns the ids of the members."""
    members = await tx.fetch(
        IdRow,
        """
        WITH changed AS (
            UPDATE conversations
            SET name = %(name)s, history = %(history)s, link_previews = %(link_previews)s
            WHERE id = %(id)s
            RETURNING id
        )
        SELECT user_id AS id FROM conversation_members JOIN changed ON id = conversation_id
        """,
        conversation.model_dump(),
    )
    return [member.id for member in members]


async def invitees(
    tx: Transaction, *, usernames: Sequence[str], caller_id: UUID, to_group: bool
) -> list[InviteeRow]:
    """Returns the users who have or had these names, as far as they exist, and the caller."""
    return await tx.fetch(
        InviteeRow,
        """
        SELECT id, username, display_name, avatar, names,
               is_block_between(users.id, %(caller_id)s) AS is_blocked,
               takes_invitation(users.id, %(caller_id)s, %(to_group)s) AS is_reachable
        FROM (
            SELECT user_id, array_agg(name) FILTER (WHERE name IS NOT NULL) AS names
            FROM (SELECT user_id, name FROM users_named(%(usernames)s)
                  UNION ALL SELECT %(caller_id)s, NULL) AS each
            GROUP BY user_id
        ) AS invited
        JOIN users ON users.id = invited.user_id
        """,
        {
            "usernames": [username.lower() for username in usernames],
            "caller_id": caller_id,
            "to_group": to_group,
        },
    )


async def insert_conversation(
    tx: Transaction,
    *,
    conversation: Conversation,
    members: Sequence[UUID],
    nonce: str | None,
    request_hash: bytes,
) -> list[JoinedRow]:
    """Inserts the conversation, its stream and its members, and logs `conversation.joined` in each
    member's own stream.

    Writes nothing and returns no rows if the direct conversation exists. Raises AlreadyExists
    (`nonces_pkey`).
    """
    return await tx.fetch(
        JoinedRow,
        """
        WITH conversation AS (
            INSERT INTO conversations (id, kind, name, history, direct_key, created_by, created_at,
                                       active_at, member_count)
            VALUES (%(id)s, %(kind)s, %(name)s, %(history)s, %(direct_key)s, %(creator)s, %(now)s,
                    %(now)s, cardinality(%(members)s::uuid[]))
            ON CONFLICT ON CONSTRAINT conversations_direct_key DO NOTHING
            RETURNING id, member_count
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'conv' FROM conversation
        ), member AS (
            INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                              active_at)
            SELECT id, member_id,
                   CASE WHEN %(kind)s = 'group' AND member_id = %(creator)s THEN 'owner'
                        ELSE 'member' END,
                   %(now)s, member_count > %(large_group)s, %(now)s
            FROM conversation, unnest(%(members)s::uuid[]) AS member_id
        ), locked AS (
            SELECT s.id FROM streams s, conversation
            WHERE s.id = ANY(%(members)s::uuid[]) ORDER BY s.id FOR NO KEY UPDATE OF s
        ), stream_head AS (
            UPDATE streams SET head = head + 1
            FROM locked
            WHERE streams.id = locked.id
            RETURNING streams.id, head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, head, 'conversation.joined',
                   CASE WHEN id = %(creator)s THEN %(payload)s::jsonb
                        ELSE jsonb_set(%(payload)s::jsonb, '{conversation,role}', '"member"') END,
                   %(now)s
            FROM stream_head
        ), spent AS (
            INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
            SELECT id, %(nonce)s, %(request_hash)s, id, head, %(now)s
            FROM stream_head WHERE id = %(creator)s AND %(nonce)s::text IS NOT NULL
        )
        SELECT id AS user_id, head AS seq FROM stream_head
        """,
        {
            "id": conversation.id,
            "kind": conversation.kind,
            "name": conversation.name,
            "history": conversation.history,
            "direct_key": direct_key(members)
            if conversation.kind is ConversationKind.DIRECT
            else None,
            "creator": conversation.created_by,
            "now": conversation.created_at,
            "members": list(members),
            "large_group": LARGE_GROUP,
            "payload": encode_json({"conversation": conversation.model_dump(mode="json")}),
            "nonce": nonce,
            "request_hash": request_hash,
        },
    )


async def find_direct_conversation(tx: Transaction, *, members: Sequence[UUID]) -> UUID | None:
    row = await tx.fetch_one(
        IdRow,
        "SELECT id FROM conversations WHERE direct_key = %(key)s",
        {"key": direct_key(members)},
    )
    return row.id if row else None


def direct_key(members: Sequence[UUID]) -> str:
    """The key of a pair of users, the same from both sides; that of notes is the id of the user."""
    return ":".join(sorted(str(member) for member in members))
