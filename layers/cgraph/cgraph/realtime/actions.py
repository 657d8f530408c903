"""Opening a socket, greeting it, keeping it alive, bringing it up to date."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import accumulate

from cgraph import delivery, queues
from cgraph.auth.caller import Caller
from cgraph.database import Transaction
from cgraph.errors import AuthenticationRequired, InvalidToken, RealtimeUnavailable
from cgraph.log import logger
from cgraph.realtime import connections, queries, sync
from cgraph.realtime.models import (
    Connection,
    Greeting,
    Head,
    Hello,
    Ping,
    SyncReply,
    SyncRequest,
    Ticket,
)
from cgraph.settings import settings
from cgraph.streams import Stream, StreamKind, encode

FRAME_BYTES = 28_000
"""What a pushed frame has at most: below the 32 KB of an API Gateway frame."""

HEADS_IN_HELLO = 400
EVENTS_OVER_SOCKET = 200
BYTES_OVER_SOCKET = 400_000
"""Of events in one catch-up: they are one job on the queue, where JSON in JSON may double them."""


async def make_ticket(caller: Caller) -> Ticket:
    """Raises RealtimeUnavailable."""
    ticket = f"cgt_{secrets.token_hex(24)}"
    await connections.keep_ticket(_hash(ticket), user_id=caller.id, session_id=caller.session_id)
    return Ticket(
        ticket=ticket,
        url=f"{settings().socket_url}?ticket={ticket}",
        expires_in=connections.TICKET_SECONDS,
    )


async def connect(connection_id: str, *, ticket: str) -> None:
    """Raises InvalidToken, RealtimeUnavailable."""
    await connections.open_connection(connection_id, ticket_hash=_hash(ticket))


async def greet(tx: Transaction, *, connection: Connection, greeting: Greeting) -> Hello:
    """Subscribes first and reads heads second, so that nothing falls between. A client that is
    behind is caught up.

    Raises AuthenticationRequired, RealtimeUnavailable.
    """
    me = connection.caller.id
    user = await queries.user_of_session(tx, session_id=connection.caller.session_id)
    if user is None:
        raise AuthenticationRequired("The session has ended: log in again")
    await connections.listen(connection)
    heads = await queries.own_heads(tx, reader=me, limit=HEADS_IN_HELLO + 1)
    shown = heads[: HEADS_IN_HELLO + 1]
    if greeting.cursors:
        with suppress(RealtimeUnavailable):  # the heads below say as much
            await _send_gaps(tx, connection=connection, cursors=greeting.cursors)
    return Hello(
        connection_id=connection.id,
        user=user,
        heartbeat_ms=settings().heartbeat_seconds * 1000,
        max_frame_bytes=32_000,
        expires_at=datetime.fromtimestamp(connection.opened_at + connections.LIFE_SECONDS, UTC),
        heads=_by_name(shown),
        more_heads=len(heads) > len(shown),
    )


async def answer_ping(tx: Transaction, *, connection: Connection, ping: Ping) -> dict[str, int]:
    """The heads of the person's own stream and of those in focus that they may follow."""
    asked = [connection.caller.id, *(stream.id for stream in ping.streams)]
    return _by_name(await queries.heads_of(tx, reader=connection.caller.id, streams=asked))


async def sync_streams(tx: Transaction, *, caller: Caller, request: SyncRequest) -> SyncReply:
    return await sync.catch_up(tx, caller=caller, cursors=request.cursors, limit=request.limit)


async def sync_over_socket(
    tx: Transaction, *, connection: Connection, request: SyncRequest
) -> SyncReply:
    """The events go to the socket as frames that end with `caught_up`; the answer has what is left
    to say. Raises RealtimeUnavailable.
    """
    return await _send_gaps(tx, connection=connection, cursors=request.cursors, limit=request.limit)


async def _send_gaps(
    tx: Transaction,
    *,
    connection: Connection,
    cursors: Mapping[Stream, int],
    limit: int = EVENTS_OVER_SOCKET,
) -> SyncReply:
    reply = await sync.catch_up(
        tx, caller=connection.caller, cursors=cursors, limit=min(limit, EVENTS_OVER_SOCKET)
    )
    _cut(reply, at_most=BYTES_OVER_SOCKET)
    events = [event for gap in reply.streams.values() for event in gap.events or ()]
    frames = list(_frames(encode(event) for event in events))
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
        gap.snapshot = None  # larger than a frame: POST /sync has it
    return reply


def _cut(reply: SyncReply, *, at_most: int) -> None:
    """What is more is left for `next`."""
    size, left = 0, dict(reply.next or {})
    for stream, gap in reply.streams.items():
        sizes = [len(encode(event).encode()) for event in gap.events or ()]
        fitting = sum(size + total <= at_most for total in accumulate(sizes))
        size += sum(sizes)
        if gap.events and gap.from_ is not None and fitting < len(sizes):
            gap.events = gap.events[:fitting]
            gap.to = left[stream] = gap.from_ + fitting
    reply.next = left or None


def _frames(events: Iterable[str]) -> Iterable[str]:
    """Batches of at most FRAME_BYTES."""
    batch: list[str] = []
    size = 0
    for event in events:
        weight = len(event.encode()) + 1
        if batch and size + weight > FRAME_BYTES - 40:
            yield _batch(batch)
            batch, size = [], 0
        batch.append(event)
        size += weight
    if batch:
        yield _batch(batch)


def _batch(events: list[str]) -> str:
    return '{"type":"batch","events":[' + ",".join(events) + "]}"


def _by_name(heads: Iterable[Head]) -> dict[str, int]:
    return {str(Stream(StreamKind(head.kind), head.id)): head.head for head in heads}


def _hash(ticket: str) -> str:
    if len(ticket) > 200:
        raise InvalidToken
    return hashlib.sha256(ticket.encode()).hexdigest()
