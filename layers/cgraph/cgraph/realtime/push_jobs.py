"""Jobs on the push queue: frames, and the connections that they are for."""

import time
from collections.abc import Iterable, Sequence
from typing import NotRequired, TypedDict

from cgraph.core import queues
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.core.settings import settings

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
