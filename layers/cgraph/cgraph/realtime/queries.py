"""Streams and their events in Postgres, read under the rights of one person."""

from collections.abc import Sequence
from uuid import UUID

from cgraph.database import Transaction
from cgraph.people.models import User
from cgraph.realtime.models import Audience, Count, Head, StoredEvent


async def user_of_session(tx: Transaction, *, session_id: UUID) -> User | None:
    """None where the session has ended: a socket does not outlive it."""
    return await tx.fetch_one(
        User,
        """
        SELECT u.id, u.username, u.display_name, u.bio, u.created_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = %(session_id)s AND s.ended_at IS NULL AND s.expires_at > now()
        """,
        {"session_id": session_id},
    )


async def heads_of(tx: Transaction, *, reader: UUID, streams: Sequence[UUID]) -> list[Head]:
    """Of those of the streams that the reader may follow: their own, their conversations', those of
    forums that they may read and of the posts there.
    """
    return await tx.fetch(
        Head,
        """
        SELECT s.id, s.kind, s.head
        FROM streams s
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


async def heads_and_sizes(tx: Transaction, *, reader: UUID, ids: Sequence[UUID]) -> list[Head]:
    """As `heads_of`, with the number of members."""
    return await tx.fetch(
        Head,
        """
        SELECT s.id, s.kind, s.head, coalesce(c.member_count, 0) AS members
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


async def audience_of(tx: Transaction, *, stream_id: UUID) -> Audience | None:
    """Nobody, where whoever looks is the audience. None where there is no such stream."""
    return await tx.fetch_one(
        Audience,
        """
        SELECT s.head, ARRAY (SELECT user_id FROM conversation_members
                              WHERE conversation_id = s.id) AS people
        FROM streams s WHERE s.id = %(id)s
        """,
        {"id": stream_id},
    )


async def count_readers(tx: Transaction, *, conversation_id: UUID, seq: int) -> int:
    """Members who have read up to there, the author of it too."""
    found = await tx.fetch_one(
        Count,
        """
        SELECT count(*) AS count FROM conversation_members
        WHERE conversation_id = %(id)s AND last_read_seq >= %(seq)s
        """,
        {"id": conversation_id, "seq": seq},
    )
    return found.count if found else 0


async def own_heads(tx: Transaction, *, reader: UUID, limit: int) -> list[Head]:
    """The reader's own stream first, then `limit` conversations by last activity."""
    return await tx.fetch(
        Head,
        """
        SELECT id, kind, head FROM streams WHERE id = %(reader)s
        UNION ALL
        (SELECT s.id, s.kind, s.head
         FROM (
            (SELECT conversation_id, active_at FROM conversation_members
             WHERE user_id = %(reader)s AND NOT large
                 ORDER BY active_at DESC, conversation_id DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT cm.conversation_id, c.active_at
             FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
             WHERE cm.user_id = %(reader)s AND cm.large ORDER BY c.active_at DESC LIMIT %(limit)s)
         ) AS mine
         JOIN streams s ON s.id = mine.conversation_id
         ORDER BY mine.active_at DESC
         LIMIT %(limit)s)
        """,
        {"reader": reader, "limit": limit},
    )


async def events_between(
    tx: Transaction, *, ranges: Sequence[tuple[UUID, int, int]]
) -> list[StoredEvent]:
    """For each (stream, after, up to) its events, in order; the caller has checked that they may be
    read.
    """
    return await tx.fetch(
        StoredEvent,
        """
        SELECT e.stream_id, e.seq, e.type, e.payload, e.created_at
        FROM unnest(%(streams)s::uuid[], %(after)s::bigint[], %(up_to)s::bigint[])
             WITH ORDINALITY AS asked (stream_id, after, up_to, place)
        CROSS JOIN LATERAL (
            SELECT * FROM events
            WHERE stream_id = asked.stream_id AND seq > asked.after AND seq <= asked.up_to
            ORDER BY seq
        ) AS e
        ORDER BY asked.place, e.seq
        """,
        {
            "streams": [stream for stream, _, _ in ranges],
            "after": [after for _, after, _ in ranges],
            "up_to": [up_to for _, _, up_to in ranges],
        },
    )
