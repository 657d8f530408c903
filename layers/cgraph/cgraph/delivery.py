"""Fan-out: from what was announced to jobs on the push queue.

Two steps: one round trip to Valkey for who is connected, one SQS batch. What fails here is only
late: the events are committed, and a client notices by its next heartbeat that it is behind.
"""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NotRequired, TypedDict

from cgraph import cache, queues
from cgraph.ids import UserId
from cgraph.log import logger
from cgraph.settings import settings
from cgraph.streams import Announcement, encode

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


class Socket(NamedTuple):
    """One socket in its person's hash. `ends`: when API Gateway will have ended it, in seconds
    since 1970. `listens`: it has said hello.
    """

    ends: int
    session_id: str
    listens: bool

    def __str__(self) -> str:
        return f"{self.ends} {self.session_id} {int(self.listens)}"


def parse_socket(text: str) -> Socket:
    ends, session_id, listens = text.split()
    return Socket(int(ends), session_id, listens == "1")


def connections_key(user_id: UserId) -> str:
    """A hash: connection id → its Socket."""
    return f"connections:{{{user_id}}}"


async def deliver(announcements: Sequence[Announcement]) -> None:
    """Never raises: the write has been committed, and its reply must say so."""
    if not announcements:
        return
    try:
        audience = {person for announcement in announcements for person in announcement.audience}
        connections = await _connections_of(sorted(audience))
        deliveries = [_delivery(announcement, connections) for announcement in announcements]
        push([delivery for delivery in deliveries if delivery["connections"]])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("push_skipped", extra={"reason": str(error), "events": len(announcements)})


def push(deliveries: Sequence[Delivery]) -> None:
    """Raises QueueUnavailable."""
    about = {
        "attempt": 1,
        "announced_at": time.time(),
        "correlation_id": logger.get_correlation_id() or "",
    }
    jobs = [encode({"deliveries": job, **about}) for job in jobs_of(deliveries)]
    for batch in batches(jobs):
        queues.send(settings().push_queue_url, batch)


async def _connections_of(people: Sequence[UserId]) -> dict[UserId, list[str]]:
    answers = await cache.run(*(("HGETALL", connections_key(person)) for person in people))
    now = time.time()

    def listens(text: str) -> bool:
        socket = parse_socket(text)
        return socket.listens and socket.ends > now

    return {
        person: [connection for connection, text in answer.items() if listens(text)]
        for person, answer in zip(people, answers, strict=True)
    }


def _delivery(announcement: Announcement, connections: dict[UserId, list[str]]) -> Delivery:
    targets = [connection for person in announcement.audience for connection in connections[person]]
    return {"frames": [encode(announcement.event.as_frame())], "connections": targets}


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
    targets = delivery["connections"]
    for start in range(0, len(targets), JOB_CONNECTIONS):
        yield {**delivery, "connections": targets[start : start + JOB_CONNECTIONS]}
