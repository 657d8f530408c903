"""Catch-up over the socket: the events are pushed as frames that end with `caught_up`."""

from collections.abc import Iterable, Mapping, Sequence

from cgraph.core import queues
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.events.streams import Stream
from cgraph.realtime import push_jobs
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.frames import FRAME_BYTES, batch_frame, push_frame
from cgraph.realtime.models import Connection, StreamHead
from cgraph.sync import catch_up
from cgraph.sync.models import SyncReply

SOCKET_EVENTS_MAX = 200
SOCKET_BYTES_MAX = 400_000
"""Of events in one catch-up: they are one job on the queue, where JSON in JSON may double the size.
"""


async def send_missing_events(
    tx: Transaction,
    *,
    connection: Connection,
    cursors: Mapping[Stream, int],
    limit: int = SOCKET_EVENTS_MAX,
    known: Sequence[StreamHead] = (),
) -> SyncReply:
    """Returns the gaps without their events. `known`: as in `catch_up`. Raises
    RealtimeUnavailable.
    """
    limit, caller = min(limit, SOCKET_EVENTS_MAX), connection.caller
    reply = await catch_up.catch_up(tx, caller=caller, cursors=cursors, limit=limit, known=known)
    for gap in reply.streams.values():
        gap.snapshot = None  # larger than a frame: POST /sync has it
    catch_up.cut_to_size(
        reply, at_most=SOCKET_BYTES_MAX, weigh=lambda event: len(push_frame(event).encode())
    )
    events = [event for gap in reply.streams.values() for event in gap.events or ()]
    frames = list(_frames(push_frame(event) for event in events))
    caught_up = {
        "type": "caught_up",
        "data": {"streams": len(reply.streams), "events": len(events)},
    }
    try:
        push_jobs.enqueue(
            [{"frames": [*frames, encode_json(caught_up)], "connections": [connection.id]}]
        )
    except queues.QueueUnavailable as error:
        logger.error("catch_up_failed", extra={"reason": str(error)})
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
            yield batch_frame(batch)
            batch, size = [], 0
        batch.append(event)
        size += weight
    if batch:
        yield batch_frame(batch)
