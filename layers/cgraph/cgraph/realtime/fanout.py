"""Fan-out: from announced events to jobs on the push queue.

One round trip to Valkey finds who is connected (for forums and posts: who is subscribed), for a
large audience a second one finds who is subscribed, and one SQS batch carries the jobs. What fails
here is only late: the events are committed, and each client notices at its next heartbeat that it
is behind.
"""

import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from cgraph.core import cache, limits, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import UserId, short
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.models import Event
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing
from cgraph.realtime.coalescing import ANY_MEMBER_COUNT, HEADS, FlushResult, typing_keys
from cgraph.realtime.connection_store import connections_key, parse_socket_entry
from cgraph.realtime.frames import push_frame
from cgraph.realtime.subscription_scripts import END_TYPING
from cgraph.realtime.subscription_store import Subscriber, parse_subscribers, subscribers_key

JOB_CONNECTIONS = 500
JOB_BYTES = 200_000


class Delivery(TypedDict):
    """Frames for connections, sent to each of them in this order. `close`: close them afterwards.

    `shed_after`: seconds after which the frames are not worth a push; left out: never.
    """

    frames: list[str]
    connections: list[str]
    close: NotRequired[bool]
    shed_after: NotRequired[float]


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


Recipients = tuple[Announcement, list[str]]
"""An event, and the connections it is for."""


async def deliver(announcements: Sequence[Announcement]) -> None:
    """An effect of a commit. Never raises: a push that fails is only late."""
    try:
        few, many = _split_by_size(await _find_recipients(announcements))
        deliveries, flushes = await _deliver_to_many(many) if many else ([], [])
        enqueue([*(_event_delivery(each, to=to) for each, to in few), *deliveries])
        coalescing.schedule_flushes(flushes)
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("push_skipped", extra={"reason": str(error), "events": len(announcements)})


async def publish_head(stream: Stream, *, head: int, audience: Sequence[UserId]) -> None:
    """Tells those of a large audience who are not subscribed to the stream how far it is, since
    they get no events of it. For a forum or a post: tells all subscribers, who are its audience.

    Raises CacheUnavailable, QueueUnavailable.
    """
    *answers, entries = await cache.run(
        *(("HGETALL", connections_key(user)) for user in audience),
        ("HGETALL", subscribers_key(stream)),
    )
    subscribers = parse_subscribers(entries)
    if stream.kind.is_open:
        enqueue([_head_delivery(stream, head, to=list(subscribers))])
        return
    targets = [connection for answer in answers for connection in _listening_sockets(answer)]
    enqueue([_head_delivery(stream, head, to=_without(targets, subscribers))])


def enqueue(deliveries: Sequence[Delivery]) -> None:
    """Puts them on the push queue, in as few messages as fit. Raises QueueUnavailable."""
    about = {
        "attempt": 1,
        "announced_at": time.time(),
        "correlation_id": logger.get_correlation_id() or "",
    }
    jobs = [encode_json({"deliveries": job, **about}) for job in push_jobs(deliveries)]
    for batch in sqs_batches(jobs):
        queues.send(settings().push_queue_url, batch)


def _large_audience() -> int:
    """The number of sockets above which a whole event goes only to subscribers."""
    return 100 if limits.mode() is limits.Mode.EMERGENCY else 1000


async def _find_recipients(announcements: Sequence[Announcement]) -> list[Recipients]:
    """In one round trip for all of them."""
    open_ones = [each for each in announcements if each.event.stream.kind.is_open]
    others = [each for each in announcements if not each.event.stream.kind.is_open]
    users = sorted({user for each in others for user in each.audience or ()})
    keys = [
        *map(connections_key, users),
        *(subscribers_key(each.event.stream) for each in open_ones),
    ]
    ends_of_typing = [each for each in map(_end_typing, announcements) if each is not None]
    answers = await cache.run(
        *(("HGETALL", key) for key in keys), *ends_of_typing, scripts=[END_TYPING]
    )
    sockets = {
        user: _listening_sockets(answer) for user, answer in zip(users, answers, strict=False)
    }
    return [
        *((each, [to for user in each.audience or () for to in sockets[user]]) for each in others),
        *(
            recipients
            for each, entries in zip(open_ones, answers[len(users) : len(keys)], strict=True)
            for recipients in _subscribed_recipients(each, parse_subscribers(entries))
        ),
    ]


def _end_typing(announcement: Announcement) -> cache.Command | None:
    event, user = announcement.event, announcement.ends_typing_of
    if user is None:
        return None
    sent_ms = int(event.created_at.timestamp() * 1000)
    return END_TYPING.call(keys=typing_keys(event.stream), arguments=[short(user), sent_ms])


def _listening_sockets(entries: Mapping[str, str]) -> list[str]:
    """Of one user."""
    now = time.time()
    sockets = ((connection, parse_socket_entry(text)) for connection, text in entries.items())
    return [connection for connection, each in sockets if each.listens and each.expires > now]


def _subscribed_recipients(
    announcement: Announcement, subscribers: Mapping[str, Subscriber]
) -> Iterable[Recipients]:
    targets = _subscribed_sockets(announcement, subscribers)
    own_views = {short(user): event for user, event in announcement.own_views.items()}
    yield announcement, [each for each in targets if subscribers[each].user not in own_views]
    for user, event in announcement.own_views.items():
        own = [each for each in targets if subscribers[each].user == short(user)]
        yield Announcement(event, audience=[user]), own


def _subscribed_sockets(
    announcement: Announcement, subscribers: Mapping[str, Subscriber]
) -> list[str]:
    if announcement.audience is None:
        return list(subscribers)
    users = {short(user) for user in announcement.audience}
    return [connection for connection, each in subscribers.items() if each.user in users]


def _split_by_size(
    recipients: Iterable[Recipients],
) -> tuple[list[Recipients], list[Recipients]]:
    """Those with few connections, those with many."""
    few: list[Recipients] = []
    many: list[Recipients] = []
    for each in recipients:
        (many if len(each[1]) > _large_audience() else few).append(each)
    return few, many


async def _deliver_to_many(
    recipients: Sequence[Recipients],
) -> tuple[list[Delivery], list[FlushResult]]:
    """Whole events for subscribers, and at most once a second the head for the others. Of a forum
    or a post, where all are subscribers, the head for all.
    """
    commands: list[cache.Command] = []
    for announcement, _ in recipients:
        event = announcement.event
        buffer_head = coalescing.buffer_command(
            event.stream,
            HEADS,
            {"head": event.seq},
            member_limit=ANY_MEMBER_COUNT,
            min_subscribers=0,
        )
        commands += [("HGETALL", subscribers_key(event.stream)), buffer_head]
    answers = await cache.run(*commands, scripts=[coalescing.BUFFER])
    deliveries: list[Delivery] = []
    flushes: list[FlushResult] = []
    for (announcement, targets), entries, buffered in zip(
        recipients, answers[::2], answers[1::2], strict=True
    ):
        event = announcement.event
        subscribers = {} if event.stream.kind.is_open else parse_subscribers(entries)
        interested = [each for each in targets if each in subscribers]
        deliveries.append(_event_delivery(announcement, to=interested))
        flushes.append(coalescing.parse_flush(event.stream, HEADS, buffered))
        if flushes[-1].updates:
            others = _without(targets, subscribers)
            deliveries.append(_head_delivery(event.stream, event.seq, to=others))
    return deliveries, flushes


def _without(connections: Iterable[str], excluded: Container[str]) -> list[str]:
    return [connection for connection in connections if connection not in excluded]


def _event_delivery(announcement: Announcement, *, to: list[str]) -> Delivery:
    return {"frames": [push_frame(announcement.event.as_frame())], "connections": to}


def _head_delivery(stream: Stream, head: int, *, to: list[str]) -> Delivery:
    frame = encode_json({"type": "heads", "heads": {str(stream): head}})
    return {"frames": [frame], "connections": to}


def sqs_batches(jobs: Iterable[str]) -> Iterable[list[str]]:
    """Each as large as one call to SQS takes."""
    batch: list[str] = []
    size = 0
    for job in jobs:
        weight = len(job.encode())
        if batch and (len(batch) == queues.BATCH_MESSAGES or size + weight > queues.BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += weight
    if batch:
        yield batch


def push_jobs(deliveries: Iterable[Delivery]) -> Iterable[list[Delivery]]:
    """Each has at most JOB_CONNECTIONS connections and about JOB_BYTES bytes."""
    job: list[Delivery] = []
    connections = size = 0
    for piece in (piece for delivery in deliveries for piece in _split_by_connections(delivery)):
        weight = sum(len(part.encode()) for part in (*piece["frames"], *piece["connections"]))
        if job and (
            connections + len(piece["connections"]) > JOB_CONNECTIONS or size + weight > JOB_BYTES
        ):
            yield job
            job, connections, size = [], 0, 0
        job.append(piece)
        connections += len(piece["connections"])
        size += weight
    if job:
        yield job


def _split_by_connections(delivery: Delivery) -> Iterable[Delivery]:
    """None where there are no connections."""
    targets = delivery["connections"]
    for start in range(0, len(targets), JOB_CONNECTIONS):
        yield {**delivery, "connections": targets[start : start + JOB_CONNECTIONS]}
