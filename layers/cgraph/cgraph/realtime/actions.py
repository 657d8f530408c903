"""What clients do over a socket: open it, keep it alive, subscribe, show typing and presence."""

from collections.abc import Iterable, Sequence
from itertools import islice

from cgraph.core import limits
from cgraph.core.addresses import Network
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import from_short, short
from cgraph.core.settings import settings
from cgraph.core.tokens import Kind, new_token, parse_token
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime import connections, handshakes, presence, queries, subscriptions
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.models import (
    Connection,
    PingRequest,
    PresentUser,
    StreamAccess,
    StreamHead,
    SubscribedStream,
    SubscribeReply,
    Ticket,
)
from cgraph.realtime.subscription_store import Status, Subscriber, status_by_user

PRESENT_USERS_MAX = 300
"""Users in one answer to `subscribe`, which must fit a frame; `present_count` includes the others.
"""

ATTEMPTS = 2


async def make_ticket(caller: Caller) -> Ticket:
    """Raises RealtimeUnavailable."""
    ticket = new_token(Kind.TICKET, user_id=caller.id, session_id=caller.session_id)
    await handshakes.store_ticket(ticket, standing=caller.standing, scopes=caller.scopes)
    return Ticket(
        ticket=str(ticket),
        url=f"{settings().socket_url}?ticket={ticket}",
        expires_in=connections.TICKET_SECONDS,
    )


async def connect(connection_id: str, *, ticket: str, network: Network) -> None:
    """Raises InvalidToken, RateLimited, RealtimeUnavailable."""
    token = parse_token(ticket, kind=Kind.TICKET)
    await handshakes.open_connection(connection_id, ticket=token, network=network)


async def ping(tx: Transaction, *, connection: Connection, request: PingRequest) -> dict[str, int]:
    """The heads of the user's own stream and of those requested that the user may read."""
    await connections.request_reconnect(connection)
    ids = [connection.caller.id, *(stream.id for stream in request.streams)]
    return heads_by_name(await queries.heads_of(tx, reader=connection.caller.id, streams=ids))


async def subscribe(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> SubscribeReply:
    """Raises AuthenticationRequired, TooManyStreams, RealtimeUnavailable."""
    reply = SubscribeReply(streams={}, lease_ms=subscriptions.LEASE_SECONDS * 1000)
    remaining = list(dict.fromkeys(streams))
    for _ in range(ATTEMPTS):
        reply.streams.update(await _subscribe(tx, connection=connection, streams=remaining))
        remaining = [stream for stream in remaining if str(stream) not in reply.streams]
        if not remaining:
            return reply
    raise RealtimeUnavailable("Memberships are changing: try again", retry_after=1)


async def unsubscribe(*, connection: Connection, streams: Sequence[Stream]) -> None:
    """Raises RealtimeUnavailable."""
    await subscriptions.unsubscribe(connection, streams=streams)


async def show_typing(*, connection: Connection, stream: Stream, typing: bool) -> None:
    """Does nothing in an emergency. Raises NotSubscribed, RealtimeUnavailable."""
    if limits.mode() is not limits.Mode.EMERGENCY:
        await presence.set_typing(connection, stream=stream, typing=typing)


async def show_presence(*, connection: Connection, status: Status) -> None:
    """Raises RealtimeUnavailable."""
    await presence.set_status(connection, status=status)


async def _subscribe(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> dict[str, SubscribedStream]:
    """By name. A stream whose access or blocks change meanwhile is left out."""
    user = connection.caller.id
    shared = [each for each in streams if each.kind is not StreamKind.USER]
    reservation = await subscriptions.reserve(connection, streams=shared)
    rows = await queries.access_to_subscribe(tx, reader=user, ids=[each.id for each in streams])
    heads = {_stream(row): row for row in rows}
    subscribers = await subscriptions.confirm(
        connection,
        reservation=reservation,
        granted={each: heads[each] for each in shared if each in heads},
        refused=[each for each in shared if each not in heads],
    )
    reply = {}
    for stream in streams:
        if stream not in heads:
            reply[str(stream)] = SubscribedStream(gone=True)
        elif stream in subscribers or stream not in shared:
            others = [
                each for each in subscribers.get(stream, {}).values() if each.user != short(user)
            ]
            reply[str(stream)] = _subscribed_stream(
                others, head=heads[stream].head, names_max=PRESENT_USERS_MAX // len(streams)
            )
    return reply


def _subscribed_stream(
    others: Iterable[Subscriber], *, head: int, names_max: int
) -> SubscribedStream:
    statuses = status_by_user(others)
    present = [
        PresentUser(user_id=from_short(user), status=status)
        for user, status in islice(statuses.items(), names_max)
    ]
    return SubscribedStream(head=head, present=present, present_count=len(statuses))


def heads_by_name(heads: Iterable[StreamHead]) -> dict[str, int]:
    return {str(_stream(head)): head.head for head in heads}


def _stream(head: StreamHead | StreamAccess) -> Stream:
    return Stream(StreamKind(head.kind), head.id)
