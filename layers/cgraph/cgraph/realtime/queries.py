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
        SELECT id, kind, head, has_own_view FROM heads_of(%(reader)s, %(streams)s)
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
        SELECT id, kind, members, head, blocks FROM access_to_subscribe(%(reader)s, %(ids)s)
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
