"""Opening a socket, greeting it, keeping it alive, bringing it up to date, what it looks at."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from itertools import islice

from cgraph.core import limits
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import from_short, short
from cgraph.core.settings import settings
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime import connections, queries, subscriptions
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.models import Connection, Head, InFocus, Ping, Present, Subscribed, Ticket
from cgraph.realtime.subscription_store import Look, Status, statuses

PRESENT_IN_ACK = 300
"""People in one answer to `subscribe`, which must fit a frame; `present_count` has the others."""


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


async def answer_ping(tx: Transaction, *, connection: Connection, ping: Ping) -> dict[str, int]:
    """The heads of the person's own stream and of those asked for that they may follow."""
    await connections.ask_to_reconnect(connection)
    asked = [connection.caller.id, *(stream.id for stream in ping.streams)]
    return _by_name(await queries.heads_of(tx, reader=connection.caller.id, streams=asked))


async def subscribe(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> Subscribed:
    """Raises AuthenticationRequired, TooManyStreams, RealtimeUnavailable."""
    answer = Subscribed(streams={}, lease_ms=subscriptions.LEASE_SECONDS * 1000)
    left = list(dict.fromkeys(streams))
    for _ in range(ATTEMPTS):
        answer.streams.update(await _look_at(tx, connection=connection, streams=left))
        left = [stream for stream in left if str(stream) not in answer.streams]
        if not left:
            return answer
    raise RealtimeUnavailable("Membership changes just now: try again", retry_after=1)


async def unsubscribe(*, connection: Connection, streams: Sequence[Stream]) -> None:
    """Raises RealtimeUnavailable."""
    await subscriptions.unsubscribe(connection, streams=streams)


async def show_typing(*, connection: Connection, stream: Stream, typing: bool) -> None:
    """Raises NotSubscribed, RealtimeUnavailable. In an emergency nobody is told."""
    if limits.mode() is not limits.Mode.EMERGENCY:
        await subscriptions.type(connection, stream=stream, typing=typing)


async def show_presence(*, connection: Connection, status: Status) -> None:
    """Raises RealtimeUnavailable."""
    await subscriptions.say(connection, status=status)


async def _look_at(
    tx: Transaction, *, connection: Connection, streams: Sequence[Stream]
) -> dict[str, InFocus]:
    """Those are left out that the person was removed from while this ran."""
    me = connection.caller.id
    shared = [each for each in streams if each.kind is not StreamKind.USER]
    status = await subscriptions.ask(connection, streams=shared)
    asked = [each.id for each in streams]
    heads = {
        _stream(head): head for head in await queries.heads_and_sizes(tx, reader=me, ids=asked)
    }
    looks = await subscriptions.enter(
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
