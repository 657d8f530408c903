"""The push worker: posts frames to sockets. It runs outside the VPC and uses neither Postgres nor
Valkey.

All jobs of an invocation are handled together: what several of them bring for one socket goes in
as few posts as it fits in, because a post costs the same however much is in it.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from cgraph.core import metrics, queues
from cgraph.core.encoding import encode_json
from cgraph.core.fields import Model
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.realtime import gateway
from cgraph.realtime.frames import merge_frames

ATTEMPT_SECONDS = 4
"""Deliveries not begun by then are retried, so that the function ends in time where API Gateway is
slow: otherwise SQS would bring back the whole job.
"""

ATTEMPTS_MAX = 4
"""After the last attempt the client's heartbeat shows it that it is behind."""


class Delivery(Model):
    """Frames for connections, sent to each of them in this order. `close`: close them afterwards.

    `shed_after`: seconds after which the frames are not worth a push; None: never.
    """

    frames: list[str]
    connections: list[str]
    close: bool = False
    shed_after: float | None = None


class PushJob(Model):
    """`attempt`: 1 for the first. `announced_at`: seconds since 1970. `correlation_id`: of the
    request that announced the events.
    """

    deliveries: list[Delivery]
    attempt: int
    announced_at: float = Field(default_factory=time.time)
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class _Position:
    """In an attempt: the number of the delivery, and of its frames that come before."""

    delivery: int
    frames: int


@dataclass(frozen=True, slots=True)
class _Post:
    """`data`: None closes the socket. `begins_at`: what remains if the post fails."""

    data: bytes | None
    begins_at: _Position


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a socket gets. `deliveries`: their numbers. `shed`: how many were too old."""

    deliveries: tuple[int, ...]
    posts: Sequence[_Post]
    shed: int


@dataclass(slots=True)
class _Attempt:
    """What came of one attempt at some jobs.

    `deliveries`: of all jobs, in their order, each with the number of its job. `remaining`:
    connections that did not get everything, by the place from which on. `errors`: counted by text,
    for each job.
    """

    jobs: Sequence[PushJob]
    deliveries: list[tuple[int, Delivery]]
    gone: list[str] = field(default_factory=list)
    remaining: defaultdict[_Position, list[str]] = field(default_factory=lambda: defaultdict(list))
    errors: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    shed: int = 0
    posts: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + ATTEMPT_SECONDS)


async def push_events(jobs: Sequence[PushJob]) -> None:
    """Reports gone sockets to the socket queue and retries those that were busy. Raises
    QueueUnavailable.
    """
    attempt = _new_attempt(jobs)
    plans = _plans(attempt)
    waiting = iter(plans.items())
    concurrency = min(gateway.CONCURRENT_REQUESTS, len(plans))
    await asyncio.gather(*(_serve_sockets(attempt, waiting) for _ in range(concurrency)))
    _report(attempt, sockets=len(plans))
    if attempt.gone:
        queues.send(settings().socket_queue_url, [encode_json({"gone": attempt.gone})])
    for number, deliveries in _remaining(attempt).items():
        _retry(jobs[number], deliveries, errors=attempt.errors[number])


def _new_attempt(jobs: Sequence[PushJob]) -> _Attempt:
    """The queue has no order: the job announced first comes first."""
    order = sorted(range(len(jobs)), key=lambda number: jobs[number].announced_at)
    deliveries = [(number, each) for number in order for each in jobs[number].deliveries]
    return _Attempt(jobs, deliveries)


def _plans(attempt: _Attempt) -> dict[str, _Plan]:
    """By connection. Sockets that get the same share one plan."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, (_, delivery) in enumerate(attempt.deliveries):
        for connection in delivery.connections:
            numbers[connection].append(number)
    plans: dict[tuple[int, ...], _Plan] = {}
    for each in set(map(tuple, numbers.values())):
        plans[each] = _plan(attempt, each)
    return {connection: plans[tuple(each)] for connection, each in numbers.items()}


def _plan(attempt: _Attempt, numbers: tuple[int, ...]) -> _Plan:
    fresh = [number for number in numbers if not _is_stale(attempt, number)]
    posts: list[_Post] = []
    frames: list[tuple[str, _Position]] = []
    for number in fresh:
        delivery = attempt.deliveries[number][1]
        frames += ((text, _Position(number, i)) for i, text in enumerate(delivery.frames))
        if delivery.close:
            posts += _merge(frames)
            posts.append(_Post(None, _Position(number, len(delivery.frames))))
            frames = []
    return _Plan(tuple(fresh), [*posts, *_merge(frames)], shed=len(numbers) - len(fresh))


def _merge(frames: Sequence[tuple[str, _Position]]) -> Iterator[_Post]:
    begins = 0
    for text, count in merge_frames(text for text, _ in frames):
        yield _Post(text.encode(), frames[begins][1])
        begins += count


def _is_stale(attempt: _Attempt, number: int) -> bool:
    job, delivery = attempt.deliveries[number]
    limit = delivery.shed_after
    return limit is not None and time.time() - attempt.jobs[job].announced_at > limit


async def _serve_sockets(attempt: _Attempt, waiting: Iterator[tuple[str, _Plan]]) -> None:
    for connection, plan in waiting:
        try:
            await _serve_socket(connection, plan, attempt=attempt)
        except gateway.SocketGone:
            attempt.gone.append(connection)


async def _serve_socket(connection: str, plan: _Plan, *, attempt: _Attempt) -> None:
    """One post after the other. Raises SocketGone."""
    attempt.shed += plan.shed
    for post in plan.posts:
        if time.monotonic() > attempt.ends:
            _keep(connection, plan, attempt=attempt, at=post.begins_at)
            return
        try:
            await _send(connection, post)
        except gateway.NotDelivered as error:
            for job in _keep(connection, plan, attempt=attempt, at=post.begins_at):
                attempt.errors[job][str(error)] += 1
            return
        attempt.posts += 1


async def _send(connection: str, post: _Post) -> None:
    if post.data is None:
        await gateway.close(connection)
    else:
        await gateway.post(connection, post.data)


def _keep(connection: str, plan: _Plan, *, attempt: _Attempt, at: _Position) -> set[int]:
    """Notes that the connection did not get what comes from here on. Returns whose jobs it is."""
    later = (_Position(each, 0) for each in plan.deliveries if each > at.delivery)
    positions = [at, *later]
    for position in positions:
        attempt.remaining[position].append(connection)
    return {attempt.deliveries[position.delivery][0] for position in positions}


def _report(attempt: _Attempt, *, sockets: int) -> None:
    now = time.time()
    for job in attempt.jobs:
        metrics.milliseconds("push.lag", (now - job.announced_at) * 1000)
    metrics.count("push.connections", sockets)
    metrics.add_property("posts", attempt.posts)
    if attempt.shed:
        metrics.add_property("shed", attempt.shed)
    if attempt.gone:
        metrics.count("push.gone", len(attempt.gone))


def _remaining(attempt: _Attempt) -> dict[int, list[Delivery]]:
    """By job, in its order."""
    remaining: defaultdict[int, list[Delivery]] = defaultdict(list)
    in_order = sorted(attempt.remaining, key=lambda each: (each.delivery, each.frames))
    for position in in_order:
        job, delivery = attempt.deliveries[position.delivery]
        rest = {
            "frames": delivery.frames[position.frames :],
            "connections": attempt.remaining[position],
        }
        remaining[job].append(delivery.model_copy(update=rest))
    return remaining


def _retry(job: PushJob, deliveries: list[Delivery], *, errors: Counter[str]) -> None:
    """After a pause that doubles. Running out of time does not count as an attempt."""
    number = job.attempt + bool(errors)
    about = {"reasons": dict(errors), "correlation_id": job.correlation_id}
    if number > ATTEMPTS_MAX:
        logger.error("push_dropped", extra=about)
        return
    logger.warning("push_delayed", extra=about)
    again = job.model_copy(update={"deliveries": deliveries, "attempt": number})
    pause = 2 ** max(0, number - 2)
    queues.send(settings().push_queue_url, [again.model_dump_json()], delay_seconds=pause)
