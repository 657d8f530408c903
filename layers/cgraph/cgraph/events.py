"""Events: what happened, numbered in its stream and written in the transaction that made it so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.database import Transaction
from cgraph.ids import UserId
from cgraph.streams import Announcement, Event, Stream, StreamKind, encode


@dataclass(frozen=True, slots=True)
class Placed:
    seq: int


async def record(
    tx: Transaction,
    *,
    stream: Stream,
    type: str,
    data: dict[str, Any],
    audience: Sequence[UUID] | None,
    now: datetime,
) -> int:
    """Logged now, told after the commit. Returns its number. `audience`: as in Announcement.

    The stream of a conversation, forum or post has been locked by then. Forums come before posts,
    posts before people, and of several the lesser id first.
    """
    placed = await tx.fetch_one(
        Placed,
        """
        WITH place AS (
            UPDATE streams SET head = head + 1 WHERE id = %(stream)s RETURNING id, head
        )
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT id, head, %(type)s, %(payload)s::jsonb, %(now)s FROM place
        RETURNING seq
        """,
        {"stream": stream.id, "type": type, "payload": encode(data), "now": now},
    )
    assert placed is not None, "whose thing exists, has a stream"
    event = Event(stream, placed.seq, type, data, now)
    people = None if audience is None else [UserId(person) for person in audience]
    tx.announce(Announcement(event, audience=people))
    return placed.seq


def conversation_stream(id: UUID) -> Stream:
    return Stream(StreamKind.CONVERSATION, id)


def forum_stream(id: UUID) -> Stream:
    return Stream(StreamKind.FORUM, id)


def post_stream(id: UUID) -> Stream:
    return Stream(StreamKind.POST, id)


def own_stream(id: UUID) -> Stream:
    return Stream(StreamKind.USER, id)
