"""Fan-out: from announced events to jobs on the push queue.

One round trip to Valkey finds who is connected (for forums and posts: who is subscribed), for a
large audience a second one finds who is subscribed, and one SQS batch carries the jobs. In a busy
stream the events wait for a moment and go together: see event_buffer. What fails here is only late:
the events are committed, and each client notices at its next heartbeat that it is behind.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cgraph.core import cache, limits, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import UserId, short
from cgraph.core.log import logger
from cgraph.events import nudges
from cgraph.events.models import Event
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing, event_buffer
from cgraph.realtime.coalescing import ANY_MEMBER_COUNT, HEADS, FlushResult, typing_keys
from cgraph.realtime.event_buffer import OutgoingEvent
from cgraph.realtime.frames import push_frame
from cgraph.realtime.listeners import (
    FIND_SOCKETS,
    find_sockets,
    listening_sockets,
    mark_subscribers,
)
from cgraph.realtime.push_jobs import Delivery, enqueue
from cgraph.realtime.subscription_scripts import END_TYPING
from cgraph.realtime.subscription_store import Subscriber, parse_subscribers, subscribers_key


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event and its audience, as the database knew it when the event was written.

    An event of a forum or a post reaches only those of the audience who are subscribed to its
    stream; an audience of None is everyone who is subscribed. `ends_typing_of`: the user whose
    typing in the stream the event ends. `own_views`: who of them gets the event with another
    number, and what of it differs.
    """

    event: Event
    audience: Sequence[UserId] | None
    ends_typing_of: UserId | None = None
    own_views: Mapping[UserId, Event] = field(default_factory=dict)

    def outgoing(self) -> OutgoingEvent:
        own = {short(user): _frame(event) for user, event in self.own_views.items()}
        event = self.event
        return OutgoingEvent(event.stream, event.seq, [_frame(event)], self.audience, own)


@dataclass(frozen=True, slots=True)
class Share:
    """Frames of one stream in their order, and the connections that they are for. `head`: the
    number of the last of them.
    """

    stream: Stream
    head: int
    frames: Sequence[str]
    connections: list[str]


Subscribers = Mapping[Stream, Mapping[str, Subscriber]]
"""By connection id."""


async def deliver(announcements: Sequence[Announcement]) -> None:
    """An effect of a commit. Never raises: a push that fails is only late."""
    nudge = nudges.command()
    try:
        shares, answer = await _offer_or_find(announcements, nudge)
        await _send(shares)
        nudges.settle(nudge, answer)
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("push_skipped", extra={"reason": str(error), "events": len(announcements)})


async def flush_events(streams: Sequence[Stream]) -> None:
    """Sends what waits in these streams. Raises CacheUnavailable, QueueUnavailable: then it waits
    on.
    """
    buffered = await event_buffer.take(streams)
    if buffered:
        subscribers = {each.stream: each.subscribers for each in buffered}
        events = [event for each in buffered for event in event_buffer.merge(each.events)]
        await _send(await _find_shares(events, subscribers=subscribers))
        await event_buffer.drop(buffered)


async def publish_head(stream: Stream, *, head: int, audience: Sequence[UserId]) -> None:
    """Tells those of a large audience who are not subscribed to the stream how far it is, since
    they get no events of it. For a forum or a post: tells all subscribers, who are its audience.

    Raises CacheUnavailable, QueueUnavailable.
    """
    *answers, entries = await cache.run(
        *map(find_sockets, audience), ("HGETALL", subscribers_key(stream)), scripts=[FIND_SOCKETS]
    )
    subscribers = parse_subscribers(entries)
    if stream.kind.is_open:
        await mark_subscribers(subscribers.values())
        enqueue([_head_delivery(stream, head, to=list(subscribers))])
        return
    targets = [connection for answer in answers for connection in listening_sockets(answer)]
    enqueue([_head_delivery(stream, head, to=_without(targets, subscribers))])


async def _offer_or_find(
    announcements: Sequence[Announcement], nudge: cache.Command
) -> tuple[list[Share], Any]:
    """Offers the events of large audiences to the buffer, and finds in the same round trip who gets
    the others; where there is a reader and somebody is subscribed, in two. Returns what goes at
    once, and the answer to the nudge.
    """
    events = [each.outgoing() for each in announcements]
    offered = [event for event in events if event_buffer.may_wait(event)]
    others = [event for event in events if not event_buffer.may_wait(event)]
    users = _closed_audience(others)
    streams = [event.stream for event in others if event.stream.kind.is_open]
    ends_of_typing = [each for each in map(_end_typing, announcements) if each is not None]
    answers = await cache.run(
        *map(event_buffer.offer_command, offered),
        *map(find_sockets, users),
        *(("HGETALL", subscribers_key(stream)) for stream in streams),
        *ends_of_typing,
        nudge,
        scripts=[event_buffer.OFFER, FIND_SOCKETS, END_TYPING],
    )
    told, found = answers[: len(offered)], answers[len(offered) :]
    sockets = dict(zip(users, map(listening_sockets, found), strict=False))
    entries = found[len(users) : len(users) + len(streams)]
    subscribers = dict(zip(streams, map(parse_subscribers, entries), strict=True))
    shares = await _shares(others, sockets=sockets, subscribers=subscribers)
    refused = await event_buffer.settle(offered, told)
    if refused:
        known = {event.stream: some for event, some in refused}
        shares += await _find_shares([event for event, _ in refused], subscribers=known)
    return shares, answers[-1]


async def _find_shares(events: Sequence[OutgoingEvent], *, subscribers: Subscribers) -> list[Share]:
    """In one round trip for all of them. `subscribers`: of the open streams."""
    users = _closed_audience(events)
    answers = await cache.run(*map(find_sockets, users), scripts=[FIND_SOCKETS]) if users else []
    sockets = dict(zip(users, map(listening_sockets, answers), strict=True))
    return await _shares(events, sockets=sockets, subscribers=subscribers)


def _closed_audience(events: Iterable[OutgoingEvent]) -> list[UserId]:
    """Each user once. The audience of an open stream is found among its subscribers."""
    closed = (event for event in events if not event.stream.kind.is_open)
    return list(dict.fromkeys(user for event in closed for user in event.audience or ()))


async def _shares(
    events: Sequence[OutgoingEvent],
    *,
    sockets: Mapping[UserId, list[str]],
    subscribers: Subscribers,
) -> list[Share]:
    shares: list[Share] = []
    for event in events:
        if event.stream.kind.is_open:
            shares += _subscribed_shares(event, subscribers[event.stream])
        else:
            targets = [to for user in event.audience or () for to in sockets[user]]
            shares.append(Share(event.stream, event.seq, event.frames, targets))
    open_streams = {event.stream for event in events if event.stream.kind.is_open}
    await mark_subscribers(one for stream in open_streams for one in subscribers[stream].values())
    return shares


def _subscribed_shares(
    event: OutgoingEvent, subscribers: Mapping[str, Subscriber]
) -> Iterable[Share]:
    targets = _subscribed_sockets(event, subscribers)
    others = [each for each in targets if subscribers[each].user not in event.own_frames]
    yield Share(event.stream, event.seq, event.frames, others)
    for user, frame in event.own_frames.items():
        own = [each for each in targets if subscribers[each].user == user]
        yield Share(event.stream, event.seq, [frame], own)


def _subscribed_sockets(event: OutgoingEvent, subscribers: Mapping[str, Subscriber]) -> list[str]:
    if event.audience is None:
        return list(subscribers)
    users = {short(user) for user in event.audience}
    return [connection for connection, each in subscribers.items() if each.user in users]


def _end_typing(announcement: Announcement) -> cache.Command | None:
    event, user = announcement.event, announcement.ends_typing_of
    if user is None:
        return None
    sent_ms = int(event.created_at.timestamp() * 1000)
    return END_TYPING.call(keys=typing_keys(event.stream), arguments=[short(user), sent_ms])


def _large_audience() -> int:
    """The number of sockets above which a whole event goes only to subscribers."""
    return 100 if limits.mode() is limits.Mode.EMERGENCY else 1000


async def _send(shares: Sequence[Share]) -> None:
    """Whole events to few; to many only to subscribers. Raises CacheUnavailable,
    QueueUnavailable.
    """
    limit = _large_audience()
    few = [share for share in shares if len(share.connections) <= limit]
    many = [share for share in shares if len(share.connections) > limit]
    deliveries, flushes = await _deliver_to_many(many) if many else ([], [])
    enqueue([*map(_delivery, few), *deliveries])
    coalescing.schedule_flushes(flushes)


async def _deliver_to_many(
    shares: Sequence[Share],
) -> tuple[list[Delivery], list[FlushResult]]:
    """Whole events for subscribers, and at most once a second the head for the others. Of a forum
    or a post, where all are subscribers, the head for all.
    """
    commands: list[cache.Command] = []
    for share in shares:
        buffer_head = coalescing.buffer_command(
            share.stream,
            HEADS,
            {"head": share.head},
            member_limit=ANY_MEMBER_COUNT,
            min_subscribers=0,
        )
        commands += [("HGETALL", subscribers_key(share.stream)), buffer_head]
    answers = await cache.run(*commands, scripts=[coalescing.BUFFER])
    deliveries: list[Delivery] = []
    flushes: list[FlushResult] = []
    for share, entries, buffered in zip(shares, answers[::2], answers[1::2], strict=True):
        subscribers = {} if share.stream.kind.is_open else parse_subscribers(entries)
        interested = [each for each in share.connections if each in subscribers]
        deliveries.append(_delivery(replace(share, connections=interested)))
        flushes.append(coalescing.parse_flush(share.stream, HEADS, buffered))
        if flushes[-1].updates:
            others = _without(share.connections, subscribers)
            deliveries.append(_head_delivery(share.stream, share.head, to=others))
    return deliveries, flushes


def _without(connections: Iterable[str], excluded: Container[str]) -> list[str]:
    return [connection for connection in connections if connection not in excluded]


def _frame(event: Event) -> str:
    return push_frame(event.as_frame())


def _delivery(share: Share) -> Delivery:
    return {"frames": list(share.frames), "connections": share.connections}


def _head_delivery(stream: Stream, head: int, *, to: list[str]) -> Delivery:
    frame = encode_json({"type": "heads", "heads": {str(stream): head}})
    return {"frames": [frame], "connections": to}
