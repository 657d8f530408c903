from collections.abc import Sequence
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.realtime.models import StreamHead
from cgraph.sync.models import SessionUserRow, StoredEvent


async def user_of_session(tx: Transaction, *, session_id: UUID) -> SessionUserRow | None:
    """None where the session has ended: a socket does not outlive it."""
    return await tx.fetch_one(
        SessionUserRow,
        """
        SELECT u.id, u.username, u.display_name, u.bio, u.created_at, k.unread, k.unseen
        FROM sessions s
        JOIN users u ON u.id = s.user_id
        JOIN notification_counters k ON k.user_id = u.id
        WHERE s.id = %(session_id)s AND s.ended_at IS NULL AND s.expires_at > now()
        """,
        {"session_id": session_id},
    )


async def own_heads(tx: Transaction, *, reader: UUID, limit: int) -> list[StreamHead]:
    """The reader's own stream first, then `limit` conversations by last activity."""
    return await tx.fetch(
        StreamHead,
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
    tx: Transaction, *, reader: UUID, ranges: Sequence[tuple[UUID, int, int]]
) -> list[StoredEvent]:
    """For each (stream, after, up to) its events, in order; the caller has checked that they may be
    read.
    """
    return await tx.fetch(
        StoredEvent,
        """
        SELECT stream_id, seq, type, payload, created_at, history_after
        FROM events_between(%(reader)s, %(streams)s, %(after)s, %(up_to)s)
        ORDER BY stream_id, seq
        """,
        {
            "reader": reader,
            "streams": [stream for stream, _, _ in ranges],
            "after": [after for _, after, _ in ranges],
            "up_to": [up_to for _, _, up_to in ranges],
        },
    )


async def reader_events_between(
    tx: Transaction, *, stream_id: UUID, reader: UUID, after: int, up_to: int
) -> list[StoredEvent]:
    """As `events_between`, of one stream of which the reader has a view of their own."""
    return await tx.fetch(
        StoredEvent,
        """
        SELECT %(stream_id)s::uuid AS stream_id, seq, type, payload, created_at
        FROM reader_events(%(stream_id)s, %(reader)s, %(after)s, %(up_to)s)
        """,
        {"stream_id": stream_id, "reader": reader, "after": after, "up_to": up_to},
    )
