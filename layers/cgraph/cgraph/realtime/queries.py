"""Streams in Postgres, as one user may read them."""

from collections.abc import Sequence
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.realtime.models import (
    CountRow,
    StreamAccess,
    StreamAudience,
    StreamHead,
)


async def heads_of(tx: Transaction, *, reader: UUID, streams: Sequence[UUID]) -> list[StreamHead]:
    """Of the streams that the reader may read: their own, those of their conversations, of forums
    that they may read and of the posts there.
    """
    return await tx.fetch(
        StreamHead,
        """
        SELECT s.id, s.kind, s.head + coalesce(own.count, 0) AS head,
               own.count IS NOT NULL AS has_own_view
        FROM streams s
        CROSS JOIN LATERAL (
            SELECT max(o.number) AS count FROM own_events o
            WHERE o.stream_id = s.id AND o.user_id = %(reader)s
              AND s.kind IN ('forum', 'post')) AS own
        WHERE s.id = ANY(%(streams)s::uuid[])
          AND CASE s.kind
              WHEN 'user' THEN s.id = %(reader)s
              WHEN 'conv' THEN EXISTS (
                  SELECT FROM conversation_members cm
                  WHERE cm.conversation_id = s.id AND cm.user_id = %(reader)s)
              ELSE may_follow(s, %(reader)s) END
        """,
        {"reader": reader, "streams": list(streams)},
    )


async def access_to_subscribe(
    tx: Transaction, *, reader: UUID, ids: Sequence[UUID]
) -> list[StreamAccess]:
    """Of the streams of `heads_of`, with what a subscription needs."""
    return await tx.fetch(
        StreamAccess,
        """
        WITH block AS MATERIALIZED (
            SELECT blocker_id, blocked_id, other_id FROM blocks_around(%(reader)s)
        )
        SELECT s.id, s.kind, coalesce(c.member_count, 0) AS members,
               s.head + CASE WHEN s.kind IN ('forum', 'post')
                        THEN own_event_count(s.id, %(reader)s) ELSE 0 END AS head,
               ARRAY (SELECT ARRAY[block.blocker_id, block.blocked_id] FROM block
                      WHERE s.kind <> 'conv' OR EXISTS (
                          SELECT FROM conversation_members other
                          WHERE other.conversation_id = s.id
                            AND other.user_id = block.other_id)) AS blocks
        FROM streams s
        LEFT JOIN conversation_members cm ON cm.conversation_id = s.id AND cm.user_id = %(reader)s
        LEFT JOIN conversations c ON c.id = cm.conversation_id
        WHERE s.id = ANY(%(ids)s::uuid[])
          AND CASE s.kind
              WHEN 'user' THEN s.id = %(reader)s
              WHEN 'conv' THEN cm.user_id IS NOT NULL
              ELSE may_follow(s, %(reader)s) END
        """,
        {"reader": reader, "ids": list(ids)},
    )


async def audience_of(tx: Transaction, *, stream_id: UUID) -> StreamAudience | None:
    """Without users where the stream is not a conversation's: there the audience are the
    subscribers. None where there is no such stream.
    """
    return await tx.fetch_one(
        StreamAudience,
        """
        SELECT s.head, ARRAY (SELECT user_id FROM conversation_members
                              WHERE conversation_id = s.id) AS user_ids
        FROM streams s WHERE s.id = %(id)s
        """,
        {"id": stream_id},
    )


async def count_readers(tx: Transaction, *, conversation_id: UUID, seq: int) -> int:
    """Members who have read up to this number, its author included."""
    found = await tx.fetch_one(
        CountRow,
        """
        SELECT count(*) AS count FROM conversation_members
        WHERE conversation_id = %(id)s AND last_read_seq >= %(seq)s
        """,
        {"id": conversation_id, "seq": seq},
    )
    return found.count if found else 0


async def has_blocked(tx: Transaction, *, blocker: UUID, blocked: UUID) -> bool:
    """Whether the one has blocked the other."""
    found = await tx.fetch_one(
        CountRow,
        """
        SELECT count(*) AS count FROM blocks
        WHERE user_id = %(blocker)s AND blocked_id = %(blocked)s
        """,
        {"blocker": blocker, "blocked": blocked},
    )
    return found is not None and found.count > 0
