"""The push worker: posts frames to sockets. It runs outside the VPC and uses neither Postgres nor
Valkey.
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


@dataclass(slots=True)
class _Attempt:
    """What came of one attempt.

    `remaining`: connections that did not get everything, by the index of the delivery and the
    number of its frames that they have. `errors`: counted by text. `shed`: deliveries dropped.
    """

    job: PushJob
    gone: list[str] = field(default_factory=list)
    remaining: defaultdict[tuple[int, int], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    errors: Counter[str] = field(default_factory=Counter)
    shed: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + ATTEMPT_SECONDS)


async def push_events(job: PushJob) -> None:
    """Reports gone sockets to the socket queue and retries those that were busy. Raises
    QueueUnavailable.
    """
    indexes: defaultdict[str, list[int]] = defaultdict(list)
    for index, delivery in enumerate(job.deliveries):
        for connection in delivery.connections:
            indexes[connection].append(index)
    attempt, waiting = _Attempt(job), iter(indexes.items())
    concurrency = min(gateway.CONCURRENT_REQUESTS, len(indexes))
    await asyncio.gather(*(_serve_sockets(attempt, waiting) for _ in range(concurrency)))
    metrics.milliseconds("push.lag", (time.time() - job.announced_at) * 1000)
    metrics.count("push.connections", len(indexes))
    if attempt.shed:
        metrics.add_property("shed", attempt.shed)
    if attempt.gone:
        metrics.count("push.gone", len(attempt.gone))
        queues.send(settings().socket_queue_url, [encode_json({"gone": attempt.gone})])
    if attempt.remaining:
        _retry(attempt)


async def _serve_sockets(attempt: _Attempt, waiting: Iterator[tuple[str, list[int]]]) -> None:
    for connection, indexes in waiting:
        try:
            await _serve_socket(connection, indexes, attempt=attempt)
        except gateway.SocketGone:
            attempt.gone.append(connection)


async def _serve_socket(connection: str, indexes: Sequence[int], *, attempt: _Attempt) -> None:
    """One delivery after the other. Raises SocketGone."""
    for turn, index in enumerate(indexes):
        delivery = attempt.job.deliveries[index]
        if _is_stale(delivery, job=attempt.job):
            attempt.shed += 1
            continue
        sent = await _send(connection, delivery, attempt=attempt)
        if sent is not None:
            attempt.remaining[index, sent].append(connection)
            for later in indexes[turn + 1 :]:
                attempt.remaining[later, 0].append(connection)
            return


async def _send(connection: str, delivery: Delivery, *, attempt: _Attempt) -> int | None:
    """None where everything was sent, else the number of frames sent. Raises SocketGone."""
    sent = 0
    if time.monotonic() > attempt.ends:
        return sent
    try:
        for frame in delivery.frames:
            await gateway.post(connection, frame.encode())
            sent += 1
        if delivery.close:
            await gateway.close(connection)
    except gateway.NotDelivered as error:
        attempt.errors[str(error)] += 1
        return sent
    return None


def _is_stale(delivery: Delivery, *, job: PushJob) -> bool:
    limit = delivery.shed_after
    return limit is not None and time.time() - job.announced_at > limit


def _retry(attempt: _Attempt) -> None:
    """After a pause that doubles. Running out of time does not count as an attempt."""
    job = attempt.job
    number = job.attempt + bool(attempt.errors)
    about = {"reasons": dict(attempt.errors), "correlation_id": job.correlation_id}
    if number > ATTEMPTS_MAX:
        logger.error("push_dropped", extra=about)
        return
    logger.warning("push_delayed", extra=about)
    again = job.model_copy(update={"deliveries": _remaining(attempt), "attempt": number})
    pause = 2 ** max(0, number - 2)
    queues.send(settings().push_queue_url, [again.model_dump_json()], delay_seconds=pause)


def _remaining(attempt: _Attempt) -> list[Delivery]:
    """In the order of the job."""
    deliveries = attempt.job.deliveries
    return [
        deliveries[index].model_copy(
            update={"frames": deliveries[index].frames[sent:], "connections": connections}
        )
        for (index, sent), connections in sorted(attempt.remaining.items())
    ]
