"""The memory of an open socket in Valkey, where 10,000 users have one each.

A process of its own, beside a Valkey of its own: `Registry` as JSON on stdin, `RegistryMemory` as
JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass

from redis.crc import key_slot

from cgraph.core import cache, ids, loop, policies
from cgraph.core.ids import SessionId, UserId
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime import connections, subscriptions

AT_ONCE = 32
STREAMS = 3
SLOTS = 16_384


@dataclass(frozen=True, slots=True)
class Registry:
    port: int
    connections: int


@dataclass(frozen=True, slots=True)
class RegistryMemory:
    """Bytes of everything that Valkey keeps for a connection with three subscriptions, which nobody
    else has.
    """

    connections: int
    bytes_each: float


async def register(given: Registry) -> RegistryMemory:
    await _fill_slots()
    await _one(0)  # the scripts and the client are no part of a connection
    before = await _used()
    numbers = iter(range(1, given.connections + 1))

    async def some() -> None:
        for number in numbers:
            await _one(number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return RegistryMemory(given.connections, (await _used() - before) / given.connections)


async def _fill_slots() -> None:
    """In cluster mode a slot has tables of its own from its first key on: 5 MB in all, however many
    sockets there are.
    """
    keys: dict[int, str] = {}
    number = 0
    while len(keys) < SLOTS:
        keys.setdefault(key_slot(b"%d" % number), f"{number}")
        number += 1
    await cache.run(*(("SET", key, 1, "EX", 7200) for key in keys.values()))


async def _one(number: int) -> None:
    """As a socket does: a ticket, the handshake, `hello`, `subscribe`."""
    user, session = UserId(ids.uuid7()), SessionId(ids.uuid7())
    id = f"L0SM9cOF{number:06}A="  # as long as API Gateway's are
    await connections.store_ticket(f"{number:064}", user_id=user, session_id=session)
    await connections.open_connection(id, ticket_hash=f"{number:064}")
    connection, _, _ = await connections.admit_frame(id, policy=policies.SIGNED_IN)
    await connections.start_listening(connection)
    streams = [Stream(StreamKind.CONVERSATION, ids.uuid7()) for _ in range(STREAMS)]
    status = await subscriptions.reserve(connection, streams=streams)
    await subscriptions.confirm(
        connection, status=status, granted=dict.fromkeys(streams, 2), refused=[]
    )


async def _used() -> int:
    (memory,) = await cache.run(("INFO", "memory"))
    return int(memory["used_memory"])


def _set_up(port: int) -> None:
    """The variables that the template sets; only those of Valkey are used."""
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
