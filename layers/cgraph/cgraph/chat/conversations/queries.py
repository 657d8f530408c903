"""Conversations and their members in Postgres."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cgraph.chat.conversations.models import (
    LARGE_GROUP,
    Conversation,
    Found,
    Invited,
    Joined,
    Listed,
    MarkedRow,
)
from cgraph.chat.models import ConversationKind
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.pagination import Position
from cgraph.core.policies import Policy

TOP: Position = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def conversations_of(
    tx: Transaction, *, reader: UUID, below: Position, limit: int, members: int
) -> list[Listed]:
    """By last activity, newest first; list_conversations() is in infra/schema/chat.sql."""
    return await tx.fetch(
        Listed,
        """
        SELECT active_at, id, json_build_object(
                'id', id, 'kind', kind, 'name', name, 'created_by', created_by,
                'created_at', rfc3339(created_at), 'active_at', rfc3339(active_at),
                'member_count', member_count, 'members', members, 'last_message', last_message,
                'head', head, 'role', role, 'muted', muted, 'muted_until', rfc3339(muted_until),
                'last_read_seq', last_read_seq, 'unread_count', unread_count
            )::text AS shown
        FROM list_conversations(%(reader)s, NULL, %(at)s, %(id)s, %(limit)s, %(members)s)
        """,
        {"reader": reader, "at": below[0], "id": below[1], "limit": limit, "members": members},
    )


async def conversation_of(
    tx: Transaction, *, reader: UUID, id: UUID, members: int
) -> Conversation | None:
    """None also where the reader is not a member."""
    return await tx.fetch_one(
        Conversation,
        "SELECT * FROM list_conversations(%(reader)s, %(id)s, NULL, NULL, 1, %(members)s)",
        {"reader": reader, "id": id, "members": members},
    )


async def rename(tx: Transaction, *, id: UUID, name: str | None) -> list[UUID]:
    """Who is to know: the members."""
    members = await tx.fetch(
        Found,
        """
        WITH renamed AS (
            UPDATE conversations SET name = %(name)s WHERE id = %(id)s RETURNING id
        )
        SELECT user_id AS id FROM conversation_members JOIN renamed ON id = conversation_id
        """,
        {"id": id, "name": name},
    )
    return [member.id for member in members]


async def invited(tx: Transaction, *, usernames: Sequence[str], by: UUID) -> list[Invited]:
    """Those of the usernames who exist, and whoever invites them."""
    return await tx.fetch(
        Invited,
        """
        SELECT id, username, display_name,
               EXISTS (SELECT FROM blocks
                       WHERE user_id = users.id AND blocked_id = %(by)s) AS blocks,
               EXISTS (SELECT FROM blocks
                       WHERE user_id = %(by)s AND blocked_id = users.id) AS is_blocked
        FROM users
        WHERE lower(username) = ANY(%(usernames)s) OR id = %(by)s
        """,
        {"usernames": [username.lower() for username in usernames], "by": by},
    )


async def insert_conversation(
    tx: Transaction,
    *,
    conversation: Conversation,
    members: Sequence[UUID],
    nonce: str | None,
    body_hash: bytes,
) -> list[Joined]:
    """The conversation, its stream, its members, and `conversation.joined` in each member's own
    stream.

    Nothing is written and nothing returned where the direct conversation exists. Raises
    AlreadyExists (`nonces_pkey`).
    """
    return await tx.fetch(
        Joined,
        """
        WITH conversation AS (
            INSERT INTO conversations (id, kind, name, direct_key, created_by, created_at,
                                       active_at, member_count)
            VALUES (%(id)s, %(kind)s, %(name)s, %(direct_key)s, %(creator)s, %(now)s, %(now)s,
                    cardinality(%(members)s::uuid[]))
            ON CONFLICT ON CONSTRAINT conversations_direct_key DO NOTHING
            RETURNING id, member_count
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'conv' FROM conversation
        ), member AS (
            INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                              active_at)
            SELECT id, person,
                   CASE WHEN %(kind)s = 'group' AND person = %(creator)s THEN 'owner'
                        ELSE 'member' END,
                   %(now)s, member_count > %(large_group)s, %(now)s
            FROM conversation, unnest(%(members)s::uuid[]) AS person
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
            SELECT id, %(nonce)s, %(body_hash)s, id, head, %(now)s
            FROM stream_head WHERE id = %(creator)s AND %(nonce)s::text IS NOT NULL
        )
        SELECT id AS user_id, head AS seq FROM stream_head
        """,
        {
            "id": conversation.id,
            "kind": conversation.kind,
            "name": conversation.name,
            "direct_key": direct_key(members)
            if conversation.kind is ConversationKind.DIRECT
            else None,
            "creator": conversation.created_by,
            "now": conversation.created_at,
            "members": list(members),
            "large_group": LARGE_GROUP,
            "payload": encode_json({"conversation": conversation.model_dump(mode="json")}),
            "nonce": nonce,
            "body_hash": body_hash,
        },
    )


async def direct_conversation(tx: Transaction, *, members: Sequence[UUID]) -> UUID | None:
    row = await tx.fetch_one(
        Found,
        "SELECT id FROM conversations WHERE direct_key = %(key)s",
        {"key": direct_key(members)},
    )
    return row.id if row else None


async def mark_read(
    tx: Transaction, *, reader: UUID, policy: Policy, id: UUID, seq: int, now: datetime
) -> MarkedRow | None:
    """Moves the marker forward, never back and never past the head. None where the reader is not a
    member; in a role that may not, it does not move.
    """
    return await tx.fetch_one(
        MarkedRow,
        """
        WITH mine AS (
            SELECT cm.conversation_id, cm.role, cm.last_read_seq, cm.read_count, c.message_count,
                   least(%(seq)s, s.head) AS seq
            FROM conversation_members cm
            JOIN conversations c ON c.id = cm.conversation_id
            JOIN streams s ON s.id = cm.conversation_id
            WHERE cm.conversation_id = %(id)s AND cm.user_id = %(reader)s
        ), reached AS (
            SELECT ordinal FROM messages, mine
            WHERE messages.conversation_id = %(id)s AND messages.seq <= mine.seq
            ORDER BY messages.seq DESC LIMIT 1
        ), moved AS (
            UPDATE conversation_members cm
            SET last_read_seq = mine.seq,
                read_count = greatest(cm.read_count, coalesce((SELECT ordinal FROM reached), 0))
            FROM mine
            WHERE cm.conversation_id = %(id)s AND cm.user_id = %(reader)s
              AND cm.last_read_seq < mine.seq AND cm.role = ANY(%(roles)s)
            RETURNING cm.last_read_seq, cm.read_count
        ), stream_head AS (
            UPDATE streams SET head = head + 1 FROM moved WHERE id = %(reader)s RETURNING head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT %(reader)s, head, 'conversation.read', jsonb_build_object(
                       'conversation_id', %(id)s::uuid, 'last_read_seq', moved.last_read_seq,
                       'unread_count', mine.message_count - moved.read_count), %(now)s
            FROM stream_head, moved, mine
        )
        SELECT mine.conversation_id, mine.role,
               coalesce(moved.last_read_seq, mine.last_read_seq) AS last_read_seq,
               mine.message_count - coalesce(moved.read_count, mine.read_count) AS unread_count,
               stream_head.head AS seq
        FROM mine LEFT JOIN moved ON true LEFT JOIN stream_head ON true
        """,
        {"reader": reader, "id": id, "seq": seq, "now": now, "roles": sorted(policy.roles)},
    )


def direct_key(members: Sequence[UUID]) -> str:
    """The pair, whoever asks."""
    return ":".join(sorted(str(member) for member in members))
