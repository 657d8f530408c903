"""Subscriptions: which sockets get the ephemeral events of a stream, for the life of a lease.

Typing, presence, receipts and scores go to subscribers only, and cost no statement in Postgres. A
socket's own hash lists the streams it is subscribed to. Without Valkey all of this is lost, and
made again by the client's next `subscribe`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.errors import AuthenticationRequired
from cgraph.core.ids import short
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime import ephemeral_events
from cgraph.realtime.coalescing import (
    PRESENCE,
    RECEIPTS,
    buffer,
    parse_flush,
    parse_flushes,
    parse_hash,
    script_call,
)
from cgraph.realtime.errors import RealtimeUnavailable, TooManyStreams
from cgraph.realtime.hidden_users import VERSION_FIELD, block_field, hidden_key, parse_hidden
from cgraph.realtime.models import Connection, StreamAccess
from cgraph.realtime.required_cache import run
from cgraph.realtime.subscription_scripts import (
    CONFIRM,
    END,
    RESERVE,
)
from cgraph.realtime.subscription_store import (
    Status,
    Subscriber,
    parse_subscribers,
    reserved_subscriber,
    socket_key,
    stream_field,
    subscribers_key,
)

LEASE_SECONDS = 600
STREAMS_MAX = 50
"""Streams that one socket is subscribed to."""


class ReadReceipt(NamedTuple):
    """The user has read the stream up to this number."""

    stream: Stream
    user_id: UUID
    seq: int


class Reservation(NamedTuple):
    """`status`: of the socket's user. `versions`: of the blocks in each stream."""

    status: Status
    versions: Mapping[Stream, str]


async def reserve(connection: Connection, *, streams: Sequence[Stream]) -> Reservation:
    """Reserves the subscriptions before access is checked, so that a user who loses access between
    the check and `confirm` loses the reservation too; a block that begins or ends meanwhile changes
    the version.

    Raises AuthenticationRequired, TooManyStreams, RealtimeUnavailable.
    """
    fields = map(stream_field, streams)
    own = RESERVE.call(
        keys=[socket_key(connection.id)], arguments=[STREAMS_MAX, LEASE_SECONDS, *fields]
    )
    entry = str(reserved_subscriber(connection.caller.id))
    reservations = (("HSETNX", subscribers_key(each), connection.id, entry) for each in streams)
    leases = (("EXPIRE", subscribers_key(each), LEASE_SECONDS + 60) for each in streams)
    versions = (("HGET", hidden_key(each), VERSION_FIELD) for each in streams)
    answer, *rest = await run(own, *reservations, *leases, *versions, scripts=[RESERVE])
    if answer is None:
        raise AuthenticationRequired("This socket is no longer known: open a new one")
    count, *status = answer
    if not status:
        raise TooManyStreams(f"{count} streams; a socket subscribes to at most {STREAMS_MAX}")
    known = [version or "" for version in rest[2 * len(streams) :]]
    return Reservation(Status(status[0]), dict(zip(streams, known, strict=True)))


async def confirm(
    connection: Connection,
    *,
    reservation: Reservation,
    granted: Mapping[Stream, StreamAccess],
    refused: Iterable[Stream],
) -> dict[Stream, dict[str, Subscriber]]:
    """The subscribers of each of `granted` who are not hidden from the socket's user, by connection
    id. A stream whose reservation was removed meanwhile, or whose blocks have changed, is left out.

    Raises AuthenticationRequired, RealtimeUnavailable.
    """
    calls = [
        _confirm_call(each, connection=connection, reservation=reservation, access=access)
        for each, access in granted.items()
    ]
    socket = socket_key(connection.id)
    removals = [
        command
        for each in refused
        for command in (
            ("HDEL", subscribers_key(each), connection.id),
            ("HDEL", socket, stream_field(each)),
        )
    ]
    # EXISTS comes last: closing a socket deletes its hash first and its subscriptions second.
    *answers, is_open = await run(*calls, *removals, ("EXISTS", socket), scripts=[CONFIRM])
    confirmed = {each: answer for each, answer in zip(granted, answers, strict=False) if answer}
    await ephemeral_events.publish_flushes(
        [parse_flush(each, PRESENCE, buffered) for each, (buffered, *_) in confirmed.items()]
    )
    if not is_open:
        await end_subscriptions({connection.id: list(confirmed)})
        raise AuthenticationRequired("This socket is no longer known: open a new one")
    user = short(connection.caller.id)
    return {
        each: _visible_to(user, subscribers=parse_hash(flat), blocks=blocks)
        for each, (_, flat, blocks) in confirmed.items()
    }


async def unsubscribe(connection: Connection, *, streams: Sequence[Stream]) -> None:
    """Raises RealtimeUnavailable."""
    own = ("HDEL", socket_key(connection.id), *map(stream_field, streams))
    calls = [_end_call(each, connection=connection.id) for each in streams]
    _, *answers = await run(own, *calls, scripts=[END])
    await ephemeral_events.publish_flushes(parse_flushes(streams, PRESENCE, answers))


async def end_subscription(*, user_id: UUID, stream: Stream) -> None:
    """Of all sockets of the user. Never raises: where Valkey does not answer, a job does it."""
    try:
        await remove_subscription(user_id=user_id, stream=stream)
    except RealtimeUnavailable as error:
        about = {"reason": str(error), "stream": str(stream)}
        logger.warning("unsubscribe_failed", extra=about)
        _remove_later(user_id=user_id, stream=stream)


async def remove_subscription(*, user_id: UUID, stream: Stream) -> None:
    """Of all sockets of the user. Raises RealtimeUnavailable."""
    answers = await run(_end_call(stream, user=short(user_id)), scripts=[END])
    await ephemeral_events.publish_flushes(parse_flushes([stream], PRESENCE, answers))


async def end_subscriptions(streams: Mapping[str, Sequence[Stream]]) -> None:
    """Of closed sockets: the streams of each, by connection id. Raises RealtimeUnavailable."""
    pairs = [(connection, each) for connection, of_one in streams.items() for each in of_one]
    if pairs:
        calls = [_end_call(each, connection=connection) for connection, each in pairs]
        answers = await run(*calls, scripts=[END])
        await ephemeral_events.publish_flushes(
            parse_flushes([each for _, each in pairs], PRESENCE, answers)
        )


async def buffer_receipts(receipts: list[ReadReceipt]) -> None:
    """An effect of a commit: the receipts are published with others, soon. Never raises."""
    for receipt in receipts:
        try:
            result = await buffer(
                receipt.stream,
                RECEIPTS,
                {short(receipt.user_id): receipt.seq},
                member_limit=ephemeral_events.RECEIPT_NAMES_MAX,
                min_subscribers=1,
            )
        except cache.CacheUnavailable as error:
            about = {"reason": str(error), "stream": str(receipt.stream)}
            logger.warning("receipt_publish_failed", extra=about)
            return
        await ephemeral_events.publish_flushes([result])


def _confirm_call(
    stream: Stream, *, connection: Connection, reservation: Reservation, access: StreamAccess
) -> cache.Command:
    return script_call(
        CONFIRM,
        stream,
        PRESENCE,
        connection.id,
        LEASE_SECONDS,
        reservation.status,
        _kept(access.members),
        reservation.versions[stream],
        int(not stream.kind.is_open),
        *(block_field(blocker=blocker, blocked=blocked) for blocker, blocked in access.blocks),
    )


def _visible_to(
    user: str, *, subscribers: Mapping[str, str], blocks: Iterable[str]
) -> dict[str, Subscriber]:
    """By connection id."""
    hidden = parse_hidden(blocks).get(user, frozenset())
    live = parse_subscribers(subscribers)
    return {connection: each for connection, each in live.items() if each.user not in hidden}


def _kept(members: int) -> int:
    """The number is kept only for streams whose receipts are counts: a key costs 150 bytes."""
    return members if members > ephemeral_events.RECEIPT_NAMES_MAX else 0


def _end_call(stream: Stream, *, connection: str = "", user: str = "") -> cache.Command:
    return script_call(END, stream, PRESENCE, connection, user)


def _remove_later(*, user_id: UUID, stream: Stream) -> None:
    job = encode_json({"unsubscribe": {"user_id": str(user_id), "stream": str(stream)}})
    try:
        queues.send(settings().socket_queue_url, [job], delay_seconds=1)
    except queues.QueueUnavailable as error:  # then the subscription lasts until its lease ends
        about = {"reason": str(error), "stream": str(stream)}
        logger.error("unsubscribe_failed", extra=about)
