"""The push worker's work: frames to sockets. It runs outside the VPC and touches no state of
ours.
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

ROUND_SECONDS = 4
"""What has not been begun by then comes again, so that where API Gateway is slow the function ends
in time: otherwise all of the job would come again.
"""

ATTEMPTS = 4
"""After the last one a socket is left to its heartbeat, which shows it that it is behind."""


class Delivery(Model):
    """Frames for connections, in this order for each of them; `close` ends them afterwards.

    `shed_after`: seconds after which nobody wants to know any more; None: never.
    """

    frames: list[str]
    connections: list[str]
    close: bool = False
    shed_after: float | None = None


class PushJob(Model):
    """`attempt`: 1 for the first try. `announced_at`: seconds since 1970.

    `correlation_id`: of the request that announced it.
    """

    deliveries: list[Delivery]
    attempt: int
    announced_at: float = Field(default_factory=time.time)
    correlation_id: str = ""


@dataclass(slots=True)
class _Round:
    """What came of one try. `left`: connections by the place of a delivery in the job and how many
    of its frames they have. `why`: the refusals, counted.
    """

    job: PushJob
    gone: list[str] = field(default_factory=list)
    left: defaultdict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    why: Counter[str] = field(default_factory=Counter)
    shed: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + ROUND_SECONDS)


async def push_events(job: PushJob) -> None:
    """Gone sockets go to the socket queue, those that were busy come again later. Raises
    QueueUnavailable.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, delivery in enumerate(job.deliveries):
        for connection in delivery.connections:
            places[connection].append(place)
    done, waiting = _Round(job), iter(places.items())
    at_once = min(gateway.AT_ONCE, len(places))
    await asyncio.gather(*(_take_turns(done, waiting) for _ in range(at_once)))
    metrics.milliseconds("push.lag", (time.time() - job.announced_at) * 1000)
    metrics.count("push.connections", len(places))
    if done.shed:
        metrics.note("shed", done.shed)
    if done.gone:
        metrics.count("push.gone", len(done.gone))
        queues.send(settings().socket_queue_url, [encode_json({"gone": done.gone})])
    if done.left:
        _try_again(done)


async def _take_turns(done: _Round, waiting: Iterator[tuple[str, list[int]]]) -> None:
    for connection, places in waiting:
        try:
            await _serve(connection, places, done=done)
        except gateway.SocketGone:
            done.gone.append(connection)


async def _serve(connection: str, places: Sequence[int], *, done: _Round) -> None:
    """One delivery after the other. Raises SocketGone."""
    for turn, place in enumerate(places):
        delivery = done.job.deliveries[place]
        if _is_stale(delivery, job=done.job):
            done.shed += 1
            continue
        sent = await _send(connection, delivery, done=done)
        if sent is not None:
            done.left[place, sent].append(connection)
            for later in places[turn + 1 :]:
                done.left[later, 0].append(connection)
            return


async def _send(connection: str, delivery: Delivery, *, done: _Round) -> int | None:
    """None: all of it. Otherwise how many frames were sent. Raises SocketGone."""
    sent = 0
    if time.monotonic() > done.ends:
        return sent
    try:
        for frame in delivery.frames:
            await gateway.post(connection, frame.encode())
            sent += 1
        if delivery.close:
            await gateway.close(connection)
    except gateway.NotDelivered as error:
        done.why[str(error)] += 1
        return sent
    return None


def _is_stale(delivery: Delivery, *, job: PushJob) -> bool:
    limit = delivery.shed_after
    return limit is not None and time.time() - job.announced_at > limit


def _try_again(done: _Round) -> None:
    """After a pause that doubles; where only the time was up, as the same attempt."""
    job = done.job
    attempt = job.attempt + bool(done.why)
    about = {"reasons": dict(done.why), "correlation_id": job.correlation_id}
    if attempt > ATTEMPTS:
        logger.error("push_given_up", extra=about)
        return
    logger.warning("push_delayed", extra=about)
    again = job.model_copy(update={"deliveries": _left(done), "attempt": attempt})
    pause = 2 ** max(0, attempt - 2)
    queues.send(settings().push_queue_url, [again.model_dump_json()], delay_seconds=pause)


def _left(done: _Round) -> list[Delivery]:
    """In the order of the job."""
    deliveries = done.job.deliveries
    return [
        deliveries[place].model_copy(
            update={"frames": deliveries[place].frames[sent:], "connections": connections}
        )
        for (place, sent), connections in sorted(done.left.items())
    ]
