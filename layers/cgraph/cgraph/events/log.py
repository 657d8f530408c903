"""The log of events: each is numbered in its stream in the transaction that makes the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.events.models import Event
from cgraph.events.streams import Stream


@dataclass(frozen=True, slots=True)
class AppendedRow:
    seq: int
    has_own_views: bool = False


async def append_event(
    tx: Transaction, *, stream: Stream, type: str, data: dict[str, Any], now: datetime
) -> Event:
    """Takes the next number of the stream, which it locks until the commit.

    Lock order: the stream of a conversation or forum first, then a post's, then a user's; of
    several streams of one kind the lesser id first.
    """
    row = await tx.fetch_one(
        AppendedRow,
        """
        WITH stream AS (
            UPDATE streams SET head = head + 1 WHERE id = %(stream)s RETURNING id, head
        )
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT id, head, %(type)s, %(payload)s::jsonb, %(now)s FROM stream
        RETURNING seq, EXISTS (SELECT FROM own_events o WHERE o.stream_id = events.stream_id)
            AS has_own_views
        """,
        {"stream": stream.id, "type": type, "payload": encode_json(data), "now": now},
    )
    assert row is not None, "everything that can be followed has a stream"
    return Event(stream, row.seq, type, data, now, has_own_views=row.has_own_views)


async def append_own_event(
    tx: Transaction,
    *,
    stream: Stream,
    user_id: UUID,
    type: str,
    data: dict[str, Any],
    now: datetime,
) -> Event:
    """An event that only this user gets, with a number of their own. The caller has locked the
    stream, which is that of a forum or a post.
    """
    row = await tx.fetch_one(
        AppendedRow,
        """
        SELECT append_own_event(%(stream)s, %(user_id)s, %(type)s, %(payload)s::jsonb, %(now)s)
            AS seq
        """,
        {
            "stream": stream.id,
            "user_id": user_id,
            "type": type,
            "payload": encode_json(data),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return Event(stream, row.seq, type, data, now)
