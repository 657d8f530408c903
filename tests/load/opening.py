"""Measures how fast sockets are opened: a ticket, the handshake, and the answer to `hello`.

Runs as a separate process: `Opening` as JSON on stdin, `Opened` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

import uvloop

from tests.load.listener import Listener, open_clients


@dataclass(frozen=True, slots=True)
class Opening:
    """One socket for each token, over `ports`."""

    ports: list[int]
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """`cpu_seconds`: of the client."""

    sockets: int
    seconds: float
    cpu_seconds: float


async def run(config: Opening) -> Opened:
    async with open_clients(config.ports) as clients:
        began, cpu = time.perf_counter(), time.process_time()
        listeners = await Listener.open_all(
            clients, config.tokens, lambda _: lambda event, now: None
        )
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        for listener in listeners:
            listener.close()
        await asyncio.sleep(0)  # the sockets close in the next turn of the loop
    return Opened(len(listeners), took, cpu)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Opening(**json.load(sys.stdin)))))))
