"""Drain: asks the clients of all sockets to reconnect, spread over time, for a deployment."""

import time
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field

from cgraph.core import cache
from cgraph.core.encoding import encode_json
from cgraph.core.fields import Body, Model
from cgraph.core.settings import settings
from cgraph.realtime import push_jobs
from cgraph.realtime.connections import SOCKETS_KEY, storm_jitter_ms

PAGE_SOCKETS = 10 * push_jobs.JOB_CONNECTIONS
"""Sockets read from Valkey at a time: about as many as one call to SQS carries."""

GRACE_MS = 15_000
"""The time for a client to open its next socket once its turn has come."""


class DrainRequest(Body):
    reason: Literal["deploy", "overload"]


class DrainResult(Model):
    notified: int = Field(description="Sockets whose clients were asked to reconnect.")
    within_ms: int = Field(description="The time after which all of them have.")


async def drain_sockets(request: DrainRequest) -> DrainResult:
    """Raises CacheUnavailable, QueueUnavailable: some clients may have been asked by then, and
    asking again does no harm.
    """
    now = int(time.time())
    (sockets,) = await cache.run(("ZCOUNT", SOCKETS_KEY, now, "+inf"))
    jitter = storm_jitter_ms(sockets)
    within = jitter + GRACE_MS
    data = {"reason": request.reason, "within_ms": within, "jitter_ms": jitter}
    frame = encode_json({"type": "reconnect", "data": data})
    notified = 0
    async for connections in _pages(opened_by=now):
        push_jobs.enqueue([{"frames": [frame], "connections": connections}])
        notified += len(connections)
    return DrainResult(notified=notified, within_ms=within)


async def _pages(*, opened_by: int) -> AsyncIterator[list[str]]:
    """By cursor, not by rank, which moves as sockets end. Sockets that clients opened in the
    meantime are left out: they end later than any socket opened before.
    """
    cursor, last_end = "0", opened_by + settings().socket_life_seconds
    while True:
        ((cursor, page),) = await cache.run(("ZSCAN", SOCKETS_KEY, cursor, "COUNT", PAGE_SOCKETS))
        pairs = zip(page[::2], page[1::2], strict=True)
        yield [id for id, ends in pairs if opened_by <= float(ends) <= last_end]
        if int(cursor) == 0:
            return
