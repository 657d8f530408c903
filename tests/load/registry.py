"""What an open socket takes of Valkey's memory, where 10,000 people have one each.

A process of its own, beside a Valkey of its own: `Registry` as JSON on stdin, `Held` as JSON on
stdout.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass

from cgraph import cache, ids, loop, policies
from cgraph.ids import SessionId, UserId
from cgraph.realtime import connections

AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Registry:
    port: int
    connections: int


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of a connection that has said hello, all that is kept for it together."""

    connections: int
    bytes_each: float


async def register(given: Registry) -> Held:
    await _one(0)  # the scripts and the client are nobody's
    before = await _used()
    numbers = iter(range(1, given.connections + 1))

    async def some() -> None:
        for number in numbers:
            await _one(number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return Held(given.connections, (await _used() - before) / given.connections)


async def _one(number: int) -> None:
    """As a socket does: a ticket, the handshake, `hello`."""
    user, session = UserId(ids.uuid7()), SessionId(ids.uuid7())
    id = f"L0SM9cOF{number:06}A="  # as long as API Gateway's are
    await connections.keep_ticket(f"{number:064}", user_id=user, session_id=session)
    await connections.open_connection(id, ticket_hash=f"{number:064}")
    connection, _, _ = await connections.enter(id, policy=policies.SIGNED_IN)
    await connections.listen(connection)


async def _used() -> int:
    (memory,) = await cache.run(("INFO", "memory"))
    return int(memory["used_memory"])


def _set_up(port: int) -> None:
    """What the template gives each function; only Valkey is asked for anything."""
    names = ("STAGE", "DATABASE_HOST", "DATABASE_NAME", "DATABASE_USER", "DATABASE_OWNER",
             "DATABASE_AUTH", "CACHE_NAME", "CACHE_USER", "SOCKET_URL", "PUSH_QUEUE_URL",
             "SOCKET_QUEUE_URL")  # fmt: skip
    os.environ.update(dict.fromkeys(names, "none"))
    os.environ |= {"CACHE_HOST": "127.0.0.1", "CACHE_PORT": str(port), "CACHE_AUTH": "none"}
    os.environ |= {"DATABASE_PORT": "0", "HEARTBEAT_SECONDS": "30", "SOCKET_LIFE_SECONDS": "7200"}


if __name__ == "__main__":
    registry = Registry(**json.load(sys.stdin))
    _set_up(registry.port)
    print(json.dumps(asdict(loop.run(register(registry)))))
