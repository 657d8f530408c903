"""The log of events: each is numbered in its stream in the transaction that makes the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.events.models import Event
from cgraph.events.streams import Stream


@dataclass(frozen=True, slots=True)
class AppendedRow:
    seq: int


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
        RETURNING seq
        """,
        {"stream": stream.id, "type": type, "payload": encode_json(data), "now": now},
    )
    assert row is not None, "everything that can be followed has a stream"
    return Event(stream, row.seq, type, data, now)
