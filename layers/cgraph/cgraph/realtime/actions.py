"""Opening a socket, greeting it, keeping it alive, bringing it up to date, what it looks at."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from cgraph import cache, database, delivery, limits
from cgraph.auth.caller import Caller
from cgraph.database import Transaction
from cgraph.errors import (
    AuthenticationRequired,
    DatabaseUnavailable,
    InvalidToken,
    RealtimeUnavailable,
)
from cgraph.ids import UserId, from_short, short
from cgraph.log import logger
from cgraph.realtime import connections, focus, gaps, queries, sync
from cgraph.realtime.looks import Look, Status, record_key, statuses, streams_of
from cgraph.realtime.models import (
    Connection,
    Greeting,
    Head,
    Hello,
    InFocus,
    Ping,
    Present,
    Subscribed,
    SyncReply,
    SyncRequest,
    Ticket,
)
from cgraph.settings import settings
from cgraph.streams import Stream, StreamKind

HEADS_IN_HELLO = 400
PRESENT_IN_ACK = 300
"""People in one answer to `subscribe`, which must fit a frame; `present_count` has the others."""

BYTES_IN_REPLY = 2_500_000
"""Of events and snapshots in one answer to POST /sync: a function's may have 6 MB, and JSON in JSON
may double.
"""

ATTEMPTS = 2


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
    sockets = await connections.listen(connection)
    heads = await queries.own_heads(tx, reader=me, limit=HEADS_IN_HELLO + 1)
    shown = heads[: HEADS_IN_HELLO + 1]
    if greeting.cursors:
        with suppress(RealtimeUnavailable):  # the heads below say as much
            await gaps.send_gaps(tx, connection=connection, cursors=greeting.cursors, known=heads)
    return Hello(
        connection_id=connection.id,
        user=user,
        heartbeat_ms=settings().heartbeat_seconds * 1000,
        max_frame_bytes=32_000,
        expires_at=datetime.fromtimestamp(
            connection.opened_at + settings().socket_life_seconds, UTC
        ),
        storm_jitter_ms=connections.storm_jitter_ms(sockets),
        lease_ms=focus.LEASE_SECONDS * 1000,
        heads=_by_name(shown),
        more_heads=len(heads) > len(shown),
    )


async def answer_ping(tx: Transaction, *, connection: Connection, ping: Ping) -> dict[str, int]:
    """The heads of the person's own stream and of those asked for that they may follow."""
    await connections.ask_to_reconnect(connection)
    asked = [connection.caller.id, *(stream.id for stream in ping.streams)]
    return _by_name(await queries.heads_of(tx, reader=connection.caller.id, streams=asked))


async def sync_streams(tx: Transaction, *, caller: Caller, request: SyncRequest) -> SyncReply:
    from pydantic_core import to_json

    reply = await sync.catch_up(tx, caller=caller, cursors=request.cursors, limit=request.limit)
    sync.cut(reply, at_most=BYTES_IN_REPLY, weigh=lambda part: len(to_json(part)))
    return reply


async def sync_over_socket(
    tx: Transaction, *, connection: Connection, request: SyncRequest
) -> SyncReply:
    """The events go to the socket as frames that end with `caught_up`; the answer has what is left
    to say. Raises RealtimeUnavailable.
    """
    return await gaps.send_gaps(
        tx, connection=connection, cursors=request.cursors, limit=request.limit
    )


async def subscribe(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> Subscribed:
    """Raises AuthenticationRequired, TooManyStreams, RealtimeUnavailable."""
    answer = Subscribed(streams={}, lease_ms=focus.LEASE_SECONDS * 1000)
    left = list(dict.fromkeys(streams))
    for _ in range(ATTEMPTS):
        answer.streams.update(await _look_at(tx, connection=connection, streams=left))
        left = [stream for stream in left if str(stream) not in answer.streams]
        if not left:
            return answer
    raise RealtimeUnavailable("Membership changes just now: try again", retry_after=1)


async def unsubscribe(*, connection: Connection, streams: Sequence[Stream]) -> None:
    """Raises RealtimeUnavailable."""
    await focus.unsubscribe(connection, streams=streams)


async def show_typing(*, connection: Connection, stream: Stream, typing: bool) -> None:
    """Raises NotSubscribed, RealtimeUnavailable. In an emergency nobody is told."""
    if limits.mode() is not limits.Mode.EMERGENCY:
        await focus.type(connection, stream=stream, typing=typing)


async def show_presence(*, connection: Connection, status: Status) -> None:
    """Raises RealtimeUnavailable."""
    await focus.say(connection, status=status)


async def _look_at(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> dict[str, InFocus]:
    """Those are left out that the person was removed from while this ran."""
    me = connection.caller.id
    shared = [each for each in streams if each.kind is not StreamKind.USER]
    status = await focus.ask(connection, streams=shared)
    asked = [each.id for each in streams]
    heads = {
        _stream(head): head for head in await queries.heads_and_sizes(tx, reader=me, ids=asked)
    }
    looks = await focus.enter(
        connection,
        status=status,
        granted={each: heads[each].members for each in shared if each in heads},
        refused=[each for each in shared if each not in heads],
    )
    answer = {}
    for stream in streams:
        if stream not in heads:
            answer[str(stream)] = InFocus(gone=True)
        elif stream in looks or stream not in shared:
            others = [each for each in looks.get(stream, {}).values() if each.user != short(me)]
            answer[str(stream)] = _in_focus(
                others, head=heads[stream].head, shown=PRESENT_IN_ACK // len(streams)
            )
    return answer


def _in_focus(looks: Iterable[Look], *, head: int, shown: int) -> InFocus:
    people = statuses(looks)
    present = [
        Present(user_id=from_short(who), status=how) for who, how in islice(people.items(), shown)
    ]
    return InFocus(head=head, present=present, present_count=len(people))


def _by_name(heads: Iterable[Head]) -> dict[str, int]:
    return {str(_stream(head)): head.head for head in heads}


def _stream(head: Head) -> Stream:
    return Stream(StreamKind(head.kind), head.id)


def _hash(ticket: str) -> str:
    if len(ticket) > 200:
        raise InvalidToken
    return hashlib.sha256(ticket.encode()).hexdigest()


async def leave_what_is_closed(user_id: UserId) -> None:
    """Once they are out of a private forum: none of their sockets looks any more at what they may
    not follow. Never raises: events are not for them anyway, and what else is told lasts seconds.
    """
    try:
        looked_at = await _looked_at_by(user_id)
        async with database.reading() as tx:
            ids = [stream.id for stream in looked_at]
            open_ = {head.id for head in await queries.heads_of(tx, reader=user_id, streams=ids)}
        for stream in looked_at:
            if stream.id not in open_:
                await focus.leave(user_id=user_id, stream=stream)
    except (cache.CacheUnavailable, DatabaseUnavailable) as error:
        logger.warning("focus_not_left", extra={"reason": str(error)})


async def _looked_at_by(user_id: UserId) -> set[Stream]:
    """By any of their sockets. Raises CacheUnavailable."""
    (sockets,) = await cache.run(("HKEYS", delivery.connections_key(user_id)))
    if not sockets:
        return set()
    records = await cache.run(*(("HKEYS", record_key(socket)) for socket in sockets))
    return {stream for record in records for stream in streams_of(record)}
