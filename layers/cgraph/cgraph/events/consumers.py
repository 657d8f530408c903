"""Consumers: each follows the log of events at its own pace, and each event has its effect once.

A consumer reads a window of the log: the events of all transactions from where it is to below the
oldest one that still runs. Nothing can be added to a window, and none has an event whose stream has
an earlier one in a later window. So it does the window's events by stream and number, some at a
time, and what it does in Postgres commits together with how far it is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.cache import CacheUnavailable
from cgraph.core.database import Transaction, transaction
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger
from cgraph.core.queues import QueueUnavailable
from cgraph.events import queries
from cgraph.events.queries import Position

TRIES = 5
"""Of an event on which a consumer fails, before it is set aside."""

RETRY_SECONDS = 5
"""Before the second try; four times as long before each further one."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    stream_id: UUID
    seq: int
    type: str
    payload: dict[str, Any]
    created_at: datetime


Work = Callable[[Transaction, Sequence[LoggedEvent]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """`types`: the events that it gets. `work`: does what is due about a batch of them, in their
    order. What it writes through the transaction is done once; what it does elsewhere may be done
    again, and must then have the same effect. It raises Unavailable where what it needs is away.
    `shards`: how many batches may be in work at once, each of other streams.
    """

    name: str
    types: frozenset[str]
    work: Work
    shards: int = 1
    batch: int = 500


class Unavailable(Exception):
    """What a consumer needs does not answer; nothing is wrong with the events."""


class Overtaken(Exception):
    """Another process has moved the consumer meanwhile; the work of this one was rolled back."""


class ShardsChanged(Exception):
    """The code has another number of shards than the database; `cgraph consumers rewind` adopts
    it."""


_AWAY = Unavailable, DatabaseUnavailable, CacheUnavailable, QueueUnavailable


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one batch. `caught_up`: there was nothing more to read. `waits`: but some events are
    committed whose transactions are not all below the oldest one that runs."""

    events: int
    caught_up: bool
    waits: bool = False


async def consume_batch(consumer: Consumer, *, shard: int) -> Progress:
    """Does the next events. Raises Unavailable, Overtaken, ShardsChanged,
    DatabaseUnavailable: nothing was done."""
    async with transaction() as tx:
        position = await _position(tx, consumer, shard=shard)
        events = await queries.next_events(
            tx, LoggedEvent, position, types=sorted(consumer.types), limit=consumer.batch
        )
        if not events and not (position.is_begun or position.is_cut):
            window = await queries.window(tx, position)
            if not window.has_events:  # a position that moved for nothing would write without end
                return Progress(0, caught_up=True, waits=window.has_later)
        await _do(tx, consumer, events, shard=shard)
        last = events[-1] if len(events) == consumer.batch else None
        if not await queries.move(tx, position, last=last):
            raise Overtaken
    return Progress(len(events), caught_up=False)


async def retry_failed(consumer: Consumer, *, shard: int) -> bool:
    """Tries again one of the events that it failed on, where one is due. Returns whether one was.
    Raises Unavailable, DatabaseUnavailable."""
    async with transaction() as tx:
        event = await queries.due_event(tx, LoggedEvent, consumer=consumer.name, shard=shard)
        if event is None:
            return False
        if await _do(tx, consumer, [event], shard=shard):
            await queries.forget_failure(tx, consumer=consumer.name, event=event)
    return True


async def _position(tx: Transaction, consumer: Consumer, *, shard: int) -> Position:
    """Raises ShardsChanged."""
    found = await queries.position(tx, name=consumer.name, shard=shard)
    if found is None:
        await queries.register(tx, consumer.name, shard=shard, shards=consumer.shards)
        found = await queries.position(tx, name=consumer.name, shard=shard)
    assert found is not None, "it was registered"
    if found.shards != consumer.shards:
        raise ShardsChanged(f"{consumer.name} has {found.shards} shards in the database: rewind it")
    return found


async def _do(
    tx: Transaction, consumer: Consumer, events: Sequence[LoggedEvent], *, shard: int
) -> bool:
    """All at once; where that fails, in halves, so that only what is wrong is left out. Returns
    whether nothing was."""
    if not events:
        return True
    try:
        async with tx.savepoint():
            await consumer.work(tx, events)
    except _AWAY:
        raise
    except Exception as error:
        if len(events) == 1:
            await _record_failure(tx, consumer, events[0], error, shard=shard)
            return False
        logger.warning("consumer_batch_failed", extra={"consumer": consumer.name}, exc_info=True)
        middle = len(events) // 2
        await _do(tx, consumer, events[:middle], shard=shard)
        await _do(tx, consumer, events[middle:], shard=shard)
        return False
    return True


async def _record_failure(
    tx: Transaction, consumer: Consumer, event: LoggedEvent, error: Exception, *, shard: int
) -> None:
    """Where the connection is lost, this fails too, and with it the batch."""
    about = {"consumer": consumer.name, "stream": str(event.stream_id), "seq": event.seq}
    logger.error("consumer_event_failed", extra=about, exc_info=error)
    await queries.record_failure(
        tx,
        consumer=consumer.name,
        shard=shard,
        event=event,
        reason=f"{type(error).__name__}: {error}"[:1000],
        tries_at_most=TRIES,
        retry_seconds=RETRY_SECONDS,
    )
