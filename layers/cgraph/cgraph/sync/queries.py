from collections.abc import Sequence
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.sync.models import GreetingRow, StoredEvent


async def greeting(
    tx: Transaction, *, session_id: UUID, reader: UUID, limit: int
) -> GreetingRow | None:
    """The user of the session, the head of the reader's own stream, and those of `limit`
    conversations by last activity. None where the session has ended: a socket does not outlive it.
    """
    return await tx.fetch_one(
        GreetingRow,
        """
        SELECT "user", unread, unseen, ids, kinds, heads
        FROM greeting(%(session_id)s, %(reader)s, %(limit)s)
        """,
        {"session_id": session_id, "reader": reader, "limit": limit},
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
