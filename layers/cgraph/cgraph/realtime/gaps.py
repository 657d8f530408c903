"""A catch-up over the socket: the events go as frames that end with `caught_up`."""

from collections.abc import Iterable, Mapping, Sequence

from cgraph import delivery, queues
from cgraph.database import Transaction
from cgraph.errors import RealtimeUnavailable
from cgraph.log import logger
from cgraph.realtime import sync
from cgraph.realtime.models import Connection, Head, SyncReply
from cgraph.streams import FRAME_BYTES, Stream, as_batch, as_pushed, encode

EVENTS_OVER_SOCKET = 200
BYTES_OVER_SOCKET = 400_000
"""Of events in one catch-up: they are one job on the queue, where JSON in JSON may double them."""


async def send_gaps(
    tx: Transaction,
    *,
    connection: Connection,
    cursors: Mapping[Stream, int],
    limit: int = EVENTS_OVER_SOCKET,
    known: Sequence[Head] = (),
) -> SyncReply:
    """What is left to say; `known` as in `catch_up`. Raises RealtimeUnavailable."""
    limit, caller = min(limit, EVENTS_OVER_SOCKET), connection.caller
    reply = await sync.catch_up(tx, caller=caller, cursors=cursors, limit=limit, known=known)
    for gap in reply.streams.values():
        gap.snapshot = None  # larger than a frame: POST /sync has it
    sync.cut(reply, at_most=BYTES_OVER_SOCKET, weigh=lambda event: len(as_pushed(event).encode()))
    events = [event for gap in reply.streams.values() for event in gap.events or ()]
    frames = list(_frames(as_pushed(event) for event in events))
    caught_up = {
        "type": "caught_up",
        "data": {"streams": len(reply.streams), "events": len(events)},
    }
    try:
        delivery.push([{"frames": [*frames, encode(caught_up)], "connections": [connection.id]}])
    except queues.QueueUnavailable as error:
        logger.error("catch_up_not_sent", extra={"reason": str(error)})
        raise RealtimeUnavailable(retry_after=1) from error
    for gap in reply.streams.values():
        gap.events = None
    return reply


def _frames(events: Iterable[str]) -> Iterable[str]:
    """Batches of at most FRAME_BYTES."""
    batch: list[str] = []
    size = 0
    for event in events:
        weight = len(event.encode()) + 1
        if batch and size + weight > FRAME_BYTES - 40:
            yield as_batch(batch)
            batch, size = [], 0
        batch.append(event)
        size += weight
    if batch:
        yield as_batch(batch)
