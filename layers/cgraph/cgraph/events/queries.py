"""What consumers read and write in Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from cgraph.core.database import Transaction

Event = TypeVar("Event", bound="EventKey")

CLOCKS_APART = timedelta(days=1)
"""Events have the time of a function's clock. An event that is written after some moment of the
database was made at most this much before; so months before it need not be looked at."""

NO_STREAM = UUID(int=0)
"""Before all others."""


class EventKey(Protocol):
    @property
    def stream_id(self) -> UUID: ...
    @property
    def seq(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Position:
    """`since`, `until`: the ids of transactions between which the window is; `until` is that of a
    window that was begun, or of the one that could begin now: where `is_cut`, at the next cut of
    the log. `stream_id`, `seq`: the last event of the window that is done."""

    name: str
    shard: int
    shards: int
    since: int
    since_at: datetime
    until: int
    until_at: datetime
    is_begun: bool
    is_cut: bool
    stream_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Window:
    """`has_later`: behind its end there are events that are committed."""

    has_events: bool
    has_later: bool


async def register(tx: Transaction, name: str, *, shard: int, shards: int) -> None:
    """Makes a shard of a consumer, at the beginning of the log."""
    await tx.execute(
        """
        INSERT INTO consumers (name, shard, shards, moved_at)
        VALUES (%(name)s, %(shard)s, %(shards)s, now())
        ON CONFLICT DO NOTHING
        """,
        {"name": name, "shard": shard, "shards": shards},
    )


async def position(tx: Transaction, *, name: str, shard: int) -> Position | None:
    """Takes no lock: a transaction that had one would be the oldest that runs."""
    return await tx.fetch_one(
        Position,
        """
        SELECT c.name, c.shard, c.shards, c.since::text::bigint AS since, c.since_at, c.stream_id,
               c.seq, c.until IS NOT NULL AS is_begun, cut.xid IS NOT NULL AS is_cut,
               coalesce(c.until, cut.xid, pg_snapshot_xmin(pg_current_snapshot()))::text::bigint
                   AS until,
               coalesce(c.until_at, cut.at, now()) AS until_at
        FROM consumers c LEFT JOIN LATERAL (
            SELECT xid, at FROM log_cuts WHERE xid > c.since ORDER BY xid LIMIT 1
        ) cut ON true
        WHERE c.name = %(name)s AND c.shard = %(shard)s
        """,
        {"name": name, "shard": shard},
    )


async def next_events(
    tx: Transaction, event: type[Event], at: Position, *, types: Sequence[str], limit: int
) -> list[Event]:
    return await tx.fetch(
        event,
        """
        SELECT stream_id, seq, type, payload, created_at
        FROM consumed_events(%(since)s::text::xid8, %(until)s::text::xid8, %(after)s, %(stream_id)s,
                             %(seq)s, %(types)s, %(shard)s, %(shards)s, %(limit)s)
        """,
        {
            "since": at.since,
            "until": at.until,
            "after": at.since_at - CLOCKS_APART,
            "stream_id": at.stream_id,
            "seq": at.seq,
            "types": list(types),
            "shard": at.shard,
            "shards": at.shards,
            "limit": limit,
        },
    )


async def window(tx: Transaction, at: Position) -> Window:
    """Of the events of all types."""
    row = await tx.fetch_one(
        Window,
        """
        SELECT EXISTS (SELECT FROM events WHERE xid >= %(since)s::text::xid8
                       AND xid < %(until)s::text::xid8 AND created_at >= %(after)s) AS has_events,
               EXISTS (SELECT FROM events WHERE xid >= %(until)s::text::xid8
                       AND created_at >= %(after)s) AS has_later
        """,
        {"since": at.since, "until": at.until, "after": at.since_at - CLOCKS_APART},
    )
    assert row is not None, "the statement always returns a row"
    return row


async def move(tx: Transaction, at: Position, *, last: EventKey | None) -> bool:
    """To behind `last`; without it, to the end of the window. Returns False where another process
    has moved it since `at` was read."""
    changed = await tx.execute(
        """
        UPDATE consumers
        SET since = CASE WHEN %(ends)s THEN %(until)s::text::xid8 ELSE since END,
            since_at = CASE WHEN %(ends)s THEN %(until_at)s ELSE since_at END,
            until = CASE WHEN NOT %(ends)s THEN %(until)s::text::xid8 END,
            until_at = CASE WHEN NOT %(ends)s THEN %(until_at)s END,
            stream_id = %(next_stream_id)s, seq = %(next_seq)s, moved_at = now()
        WHERE name = %(name)s AND shard = %(shard)s AND since = %(since)s::text::xid8
          AND stream_id = %(stream_id)s AND seq = %(seq)s
        """,
        {
            "ends": last is None,
            "until": at.until,
            "until_at": at.until_at,
            "next_stream_id": last.stream_id if last else NO_STREAM,
            "next_seq": last.seq if last else 0,
            "name": at.name,
            "shard": at.shard,
            "since": at.since,
            "stream_id": at.stream_id,
            "seq": at.seq,
        },
    )
    return changed == 1


async def record_failure(
    tx: Transaction,
    *,
    consumer: str,
    shard: int,
    event: EventKey,
    reason: str,
    tries_at_most: int,
    retry_seconds: int,
) -> None:
    """Counts a failed try, and says when the next one is due."""
    await tx.execute(
        """
        INSERT INTO failed_events AS f
               (consumer, shard, stream_id, seq, created_at, type, reason, retry_at)
        VALUES (%(consumer)s, %(shard)s, %(stream_id)s, %(seq)s, %(created_at)s, %(type)s,
                %(reason)s, now() + make_interval(secs => %(seconds)s))
        ON CONFLICT (consumer, stream_id, seq) DO UPDATE SET
            tries = f.tries + 1, reason = excluded.reason,
            retry_at = CASE WHEN f.tries + 1 < %(most)s
                            THEN now() + make_interval(secs => %(seconds)s * 4 ^ f.tries) END
        """,
        {
            "consumer": consumer,
            "shard": shard,
            "stream_id": event.stream_id,
            "seq": event.seq,
            "created_at": event.created_at,
            "type": event.type,
            "reason": reason,
            "seconds": float(retry_seconds),
            "most": tries_at_most,
        },
    )


async def due_event(
    tx: Transaction, event: type[Event], *, consumer: str, shard: int
) -> Event | None:
    """One that is to be tried again. Locks it."""
    return await tx.fetch_one(
        event,
        """
        SELECT e.stream_id, e.seq, e.type, e.payload, e.created_at
        FROM failed_events f JOIN events e USING (stream_id, seq, created_at)
        WHERE f.consumer = %(consumer)s AND f.shard = %(shard)s AND f.retry_at <= now()
        ORDER BY f.retry_at LIMIT 1 FOR UPDATE OF f SKIP LOCKED
        """,
        {"consumer": consumer, "shard": shard},
    )


async def forget_failure(tx: Transaction, *, consumer: str, event: EventKey) -> None:
    await tx.execute(
        """
        DELETE FROM failed_events
        WHERE consumer = %(consumer)s AND stream_id = %(stream_id)s AND seq = %(seq)s
        """,
        {"consumer": consumer, "stream_id": event.stream_id, "seq": event.seq},
    )
