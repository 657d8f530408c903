"""The memory of an open socket in Valkey, if 10,000 users have one each.

Runs as a separate process with a separate Valkey: `Registry` as JSON on stdin, `RegistryMemory` as
JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from dataclasses import asdict, dataclass, fields

from redis.crc import key_slot

from cgraph.core import cache, ids, loop, policies
from cgraph.core.addresses import network_of
from cgraph.core.ids import SessionId, UserId
from cgraph.core.settings import Settings
from cgraph.core.tokens import Kind, new_token
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime import connections, handshakes, subscriptions
from cgraph.realtime.models import StreamAccess

CONCURRENCY = 32
STREAMS = 3
SLOTS = 16_384
NETWORK = network_of("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Registry:
    port: int
    password: str
    connections: int


@dataclass(frozen=True, slots=True)
class RegistryMemory:
    """`bytes_each`: everything that Valkey stores for a connection with three subscriptions to
    streams without other subscribers.
    """

    connections: int
    bytes_each: float


async def register(config: Registry) -> RegistryMemory:
    await _fill_slots()
    await _open_socket(0)  # the memory of scripts and client is not part of a connection
    before = await _used_memory()
    numbers = iter(range(1, config.connections + 1))

    async def open_some() -> None:
        for number in numbers:
            await _open_socket(number)

    await asyncio.gather(*(open_some() for _ in range(CONCURRENCY)))
    return RegistryMemory(config.connections, (await _used_memory() - before) / config.connections)


async def _fill_slots() -> None:
    """In cluster mode each slot allocates tables with its first key: 5 MB in total, independent of
    the number of sockets.
    """
    keys: dict[int, str] = {}
    number = 0
    while len(keys) < SLOTS:
        keys.setdefault(key_slot(b"%d" % number), f"{number}")
        number += 1
    await cache.run(*(("SET", key, 1, "EX", 7200) for key in keys.values()))


async def _open_socket(number: int) -> None:
    """Writes what a real socket causes: a ticket, the handshake, `hello`, `subscribe`."""
    user, session = UserId(ids.uuid7()), SessionId(ids.uuid7())
    id = f"L0SM9cOF{number:06}A="  # as long as the ids of API Gateway
    ticket = new_token(Kind.TICKET, user_id=user, session_id=session)
    await handshakes.store_ticket(ticket, standing="", scopes=None)
    await handshakes.open_connection(id, ticket=ticket, network=NETWORK)
    connection, _, _ = await connections.admit_frame(
        id, policy=policies.SIGNED_IN, scope="events:read"
    )
    await connections.start_listening(connection)
    streams = [Stream(StreamKind.CONVERSATION, ids.uuid7()) for _ in range(STREAMS)]
    reservation = await subscriptions.reserve(connection, streams=streams)
    granted = {each: StreamAccess(each.id, each.kind, 0, 2, []) for each in streams}
    await subscriptions.confirm(connection, reservation=reservation, granted=granted, refused=[])


async def _used_memory() -> int:
    (memory,) = await cache.run(("INFO", "memory"))
    return int(re.search(r"^used_memory:(\d+)", memory, re.MULTILINE)[1])  # type: ignore[index]


def _set_up(port: int, password: str) -> None:
    """The variables that the template sets; only those of Valkey are used."""
    others = {int: "0", str: "none"}
    names = {
        each.name.upper(): others.get(each.type, "") if isinstance(each.type, type) else ""
        for each in fields(Settings)
    }
    os.environ.update(names)
    os.environ |= {"CACHE_HOST": "127.0.0.1", "CACHE_PORT": str(port), "CACHE_AUTH": "none"}
    os.environ["CGRAPH_CACHE_PASSWORD"] = password
    os.environ |= {"HEARTBEAT_SECONDS": "30", "SOCKET_LIFE_SECONDS": "7200"}


if __name__ == "__main__":
    registry = Registry(**json.load(sys.stdin))
    _set_up(registry.port, registry.password)
    print(json.dumps(asdict(loop.run(register(registry)))))
