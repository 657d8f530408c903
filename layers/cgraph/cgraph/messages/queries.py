"""Messages in Postgres."""

from uuid import UUID

from cgraph.database import Transaction
from cgraph.messages.models import Message, MessageDraft, Placement
from cgraph.streams import encode


async def insert_message(
    tx: Transaction, *, message: Message, draft: MessageDraft, body_hash: bytes
) -> Placement:
    """May they, number it, write it, log it, mark it read by its author: one statement, one round
    trip.

    The stream is locked first and the membership read under that lock, so that whoever was removed
    before cannot send. Raises AlreadyExists (`nonces_pkey`) where the same nonce is being spent at
    this moment.
    """
    placement = await tx.fetch_one(
        Placement,
        """
        WITH first AS (
            SELECT n.body_hash, e.payload
            FROM nonces n
            JOIN events e ON e.stream_id = n.stream_id AND e.seq = n.seq
                AND e.created_at = n.created_at
            WHERE n.user_id = %(author_id)s AND n.nonce = %(nonce)s
        ), stream AS (
            SELECT id FROM streams
            WHERE id = %(conversation_id)s AND kind = 'conv' AND NOT EXISTS (SELECT FROM first)
            FOR NO KEY UPDATE
        ), member AS (
            SELECT m.large, m.role
            FROM stream JOIN conversation_members m ON m.conversation_id = stream.id
            WHERE m.user_id = %(author_id)s
            FOR KEY SHARE OF m
        ), place AS (
            UPDATE streams SET head = head + 1
            FROM member
            WHERE id = %(conversation_id)s
              AND (%(reply_to)s::uuid IS NULL OR EXISTS (
                  SELECT FROM messages WHERE id = %(reply_to)s
                      AND conversation_id = %(conversation_id)s))
            RETURNING head, large
        ), conversation AS (
            UPDATE conversations
            SET message_count = message_count + 1, last_message_id = %(id)s,
                active_at = greatest(active_at, %(now)s)
            FROM place
            WHERE id = %(conversation_id)s
            RETURNING message_count
        ), message AS (
            INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, reply_to,
                created_at)
            SELECT %(id)s, %(conversation_id)s, head, message_count, %(author_id)s, %(content)s,
                %(reply_to)s, %(now)s
            FROM place, conversation
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT %(conversation_id)s, head, 'message.created',
                   jsonb_set(%(payload)s::jsonb, '{message,seq}', to_jsonb(head)), %(now)s
            FROM place
        ), spent AS (
            INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
            SELECT %(author_id)s, %(nonce)s, %(body_hash)s, %(conversation_id)s, head, %(now)s
            FROM place
            WHERE %(nonce)s::text IS NOT NULL
        ), marker AS (
            UPDATE conversation_members m
            SET active_at = greatest(m.active_at, %(now)s),
                last_read_seq = CASE WHEN m.user_id = %(author_id)s THEN head
                    ELSE m.last_read_seq END,
                read_count = CASE WHEN m.user_id = %(author_id)s THEN message_count
                    ELSE m.read_count END
            FROM place, conversation
            WHERE m.conversation_id = %(conversation_id)s AND (m.user_id = %(author_id)s
                OR NOT place.large)
        )
        SELECT place.head AS seq,
               ARRAY (SELECT user_id FROM conversation_members, place
                      WHERE conversation_id = %(conversation_id)s) AS audience,
               (SELECT role FROM member) AS role,
               first.body_hash, first.payload
        FROM (VALUES (1)) AS one LEFT JOIN place ON true LEFT JOIN first ON true
        """,
        {
            "id": message.id,
            "conversation_id": message.conversation_id,
            "author_id": message.author_id,
            "content": message.content,
            "reply_to": message.reply_to,
            "now": message.created_at,
            "nonce": draft.nonce,
            "body_hash": body_hash,
            "payload": encode({"message": message.model_dump(mode="json")}),
        },
    )
    assert placement is not None, "the statement always answers one row"
    return placement


async def history(
    tx: Transaction,
    *,
    conversation_id: UUID,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[Message]:
    """Newest first, or with `after` oldest first; by seq, so a page is one index scan however deep
    it lies.
    """
    newest_first = """
        SELECT id, conversation_id, seq, author_id, content, reply_to, created_at
        FROM messages
        WHERE conversation_id = %(conversation_id)s
          AND seq < coalesce(%(before)s, 9223372036854775807)
        ORDER BY seq DESC
        LIMIT %(limit)s
        """
    oldest_first = """
        SELECT id, conversation_id, seq, author_id, content, reply_to, created_at
        FROM messages
        WHERE conversation_id = %(conversation_id)s AND seq > %(after)s
        ORDER BY seq
        LIMIT %(limit)s
        """
    return await tx.fetch(
        Message,
        newest_first if after is None else oldest_first,
        {"conversation_id": conversation_id, "before": before, "after": after, "limit": limit},
    )
