"""Fan-out: from what was announced to jobs on the push queue.

One round trip to Valkey for who is connected (of forums and posts: who looks), for a large audience
a second one for who looks, and one SQS batch. What fails here is only late: the events are
committed, and a client notices by its next heartbeat that it is behind.
"""

import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from cgraph.core import cache, limits, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import UserId, short
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.models import Event
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing
from cgraph.realtime.coalescing import AT_ONCE, HEADS, Outcome
from cgraph.realtime.connection_store import connections_key, parse_socket
from cgraph.realtime.frames import push_frame
from cgraph.realtime.subscription_store import Look, focus_key, parse_looks

JOB_CONNECTIONS = 500
JOB_BYTES = 200_000


class Delivery(TypedDict):
    """Frames for connections, in this order for each of them; `close` ends them afterwards.

    `shed_after`: seconds after which nobody wants to know any more; without it, never.
    """

    frames: list[str]
    connections: list[str]
    close: NotRequired[bool]
    shed_after: NotRequired[float]


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event and the people it is for, as the database knew them when it was written.

    An event of a forum or a post reaches only those of them who are subscribed to its stream; an
    audience of None is everyone who is.
    """

    event: Event
    audience: Sequence[UserId] | None


Aimed = tuple[Announcement, list[str]]
"""What happened, and the sockets it is for."""


async def deliver(announcements: Sequence[Announcement]) -> None:
    """Never raises: the write has been committed, and its reply must say so."""
    if not announcements:
        return
    try:
        few, many = _by_size(await _aim(announcements))
        whole, again = await _to_many(many) if many else ([], [])
        push([*(_whole(announcement, to=targets) for announcement, targets in few), *whole])
        coalescing.look_again(again)
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("push_skipped", extra={"reason": str(error), "events": len(announcements)})


async def tell_head(stream: Stream, *, head: int, audience: Sequence[UserId]) -> None:
    """To those of a large audience who do not look at the stream: they get no events of it. Of a
    forum or a post, to all who look: they are the audience.

    Raises CacheUnavailable, QueueUnavailable.
    """
    *answers, looks = await cache.run(
        *(("HGETALL", connections_key(person)) for person in audience),
        ("HGETALL", focus_key(stream)),
    )
    looking = parse_looks(looks)
    if stream.kind.is_open:
        push([_head(stream, head, to=list(looking))])
        return
    targets = [connection for answer in answers for connection in _listening(answer)]
    push([_head(stream, head, to=_others(targets, looking))])


def push(deliveries: Sequence[Delivery]) -> None:
    """Raises QueueUnavailable."""
    about = {
        "attempt": 1,
        "announced_at": time.time(),
        "correlation_id": logger.get_correlation_id() or "",
    }
    jobs = [encode_json({"deliveries": job, **about}) for job in jobs_of(deliveries)]
    for batch in batches(jobs):
        queues.send(settings().push_queue_url, batch)


def _large_audience() -> int:
    """Sockets, above which a whole event goes only to those that look at the stream."""
    return 100 if limits.mode() is limits.Mode.EMERGENCY else 1000


async def _aim(announcements: Sequence[Announcement]) -> list[Aimed]:
    """One round trip for all of them."""
    looked_at = [each for each in announcements if each.event.stream.kind.is_open]
    followed = [each for each in announcements if not each.event.stream.kind.is_open]
    people = sorted({person for each in followed for person in each.audience or ()})
    keys = [*map(connections_key, people), *(focus_key(each.event.stream) for each in looked_at)]
    answers = await cache.run(*(("HGETALL", key) for key in keys))
    sockets = {person: _listening(answer) for person, answer in zip(people, answers, strict=False)}
    return [
        *((each, [to for who in each.audience or () for to in sockets[who]]) for each in followed),
        *(
            (each, _looking(each, parse_looks(looks)))
            for each, looks in zip(looked_at, answers[len(people) :], strict=True)
        ),
    ]


def _listening(sockets: Mapping[str, str]) -> list[str]:
    """Of one person's sockets."""
    now = time.time()
    parsed = ((connection, parse_socket(text)) for connection, text in sockets.items())
    return [connection for connection, each in parsed if each.listens and each.ends > now]


def _looking(announcement: Announcement, looks: Mapping[str, Look]) -> list[str]:
    if announcement.audience is None:
        return list(looks)
    people = {short(person) for person in announcement.audience}
    return [connection for connection, look in looks.items() if look.user in people]


def _by_size(aimed: Iterable[Aimed]) -> tuple[list[Aimed], list[Aimed]]:
    """Those with few targets, those with many."""
    few: list[Aimed] = []
    many: list[Aimed] = []
    for each in aimed:
        (many if len(each[1]) > _large_audience() else few).append(each)
    return few, many


async def _to_many(aimed: Sequence[Aimed]) -> tuple[list[Delivery], list[Outcome]]:
    """Whole events to those that look, and to the others, at most once a second, the head. Of a
    forum or a post, where all look, to all the head.
    """
    commands: list[cache.Command] = []
    for announcement, _ in aimed:
        event = announcement.event
        head = coalescing.holding(event.stream, HEADS, {"head": event.seq}, lead=AT_ONCE, least=0)
        commands += [("HGETALL", focus_key(event.stream)), head]
    answers = await cache.run(*commands, scripts=[coalescing.HOLD])
    told: list[Delivery] = []
    again: list[Outcome] = []
    for (announcement, targets), looks, held in zip(
        aimed, answers[::2], answers[1::2], strict=True
    ):
        event = announcement.event
        looking = {} if event.stream.kind.is_open else parse_looks(looks)
        told.append(_whole(announcement, to=[each for each in targets if each in looking]))
        again.append(coalescing.outcome(event.stream, HEADS, held))
        if again[-1].changes:
            told.append(_head(event.stream, event.seq, to=_others(targets, looking)))
    return told, again


def _others(targets: Iterable[str], looking: Container[str]) -> list[str]:
    return [connection for connection in targets if connection not in looking]


def _whole(announcement: Announcement, *, to: list[str]) -> Delivery:
    return {"frames": [push_frame(announcement.event.as_frame())], "connections": to}


def _head(stream: Stream, head: int, *, to: list[str]) -> Delivery:
    return {
        "frames": [encode_json({"type": "heads", "heads": {str(stream): head}})],
        "connections": to,
    }


def batches(jobs: Iterable[str]) -> Iterable[list[str]]:
    """As many jobs at once as one call to SQS takes."""
    batch: list[str] = []
    size = 0
    for job in jobs:
        weight = len(job.encode())
        if batch and (len(batch) == queues.BATCH or size + weight > queues.BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += weight
    if batch:
        yield batch


def jobs_of(deliveries: Iterable[Delivery]) -> Iterable[list[Delivery]]:
    """Cut so that a job has at most JOB_CONNECTIONS connections and about JOB_BYTES bytes."""
    job: list[Delivery] = []
    connections = size = 0
    for piece in (piece for delivery in deliveries for piece in _pieces(delivery)):
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


def _pieces(delivery: Delivery) -> Iterable[Delivery]:
    """None where it is for nobody."""
    targets = delivery["connections"]
    for start in range(0, len(targets), JOB_CONNECTIONS):
        yield {**delivery, "connections": targets[start : start + JOB_CONNECTIONS]}
