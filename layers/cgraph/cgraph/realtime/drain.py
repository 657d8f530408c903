"""All sockets at once to other ones, when an operator says so."""

import time
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import ConfigDict

from cgraph.core import cache
from cgraph.core.encoding import encode_json
from cgraph.core.fields import Model
from cgraph.core.settings import settings
from cgraph.realtime import fanout
from cgraph.realtime.connections import SOCKETS, storm_jitter_ms

PAGE = 10 * fanout.JOB_CONNECTIONS
"""Sockets of one look into Valkey: about as many as one call to SQS carries."""

GRACE_MS = 15_000
"""For a client to open its next socket, once its time has come."""


class Move(Model):
    model_config = ConfigDict(extra="forbid")

    reason: Literal["deploy", "overload"]


class Farewell(Model):
    """How many sockets were told, and after how long the last of them is another one."""

    told: int
    within_ms: int


async def move_sockets(move: Move) -> Farewell:
    """Raises CacheUnavailable, QueueUnavailable: some may have been told by then, and being told
    again does no harm.
    """
    now = int(time.time())
    (sockets,) = await cache.run(("ZCOUNT", SOCKETS, now, "+inf"))
    jitter = storm_jitter_ms(sockets)
    within = jitter + GRACE_MS
    about = {"reason": move.reason, "within_ms": within, "jitter_ms": jitter}
    frame = encode_json({"type": "reconnect", "data": about})
    told = 0
    async for connections in _pages(opened_by=now):
        fanout.push([{"frames": [frame], "connections": connections}])
        told += len(connections)
    return Farewell(told=told, within_ms=within)


async def _pages(*, opened_by: int) -> AsyncIterator[list[str]]:
    """By cursor, not by rank, which moves as sockets end. Those that clients have moved to in the
    meantime are left out by the end of their life.
    """
    cursor, last_end = "0", opened_by + settings().socket_life_seconds
    while True:
        ((cursor, page),) = await cache.run(("ZSCAN", SOCKETS, cursor, "COUNT", PAGE))
        yield [id for id, ends in page if opened_by <= float(ends) <= last_end]
        if int(cursor) == 0:
            return
