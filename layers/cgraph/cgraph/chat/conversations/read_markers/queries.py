"""Queries of read markers: how far each member has read a conversation."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.read_markers.models import ReadStateRow
from cgraph.core.database import Transaction
from cgraph.core.policies import Policy


async def mark_read(
    tx: Transaction, *, reader: UUID, policy: Policy, id: UUID, seq: int, now: datetime
) -> ReadStateRow | None:
    """Moves the marker forward, never back and never past the head. Returns None if the reader is
    not a member. If the policy does not allow the reader's role, the marker does not move.
    """
    return await tx.fetch_one(
        ReadStateRow,
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
