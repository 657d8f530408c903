"""A small HTTP/1.1 load generator: a closed loop on each of several keep-alive connections.

Runs as a separate process, so that its CPU time is measured apart from the system's: `Load` as JSON
on stdin, `Outcome` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count, cycle
from typing import cast

import uvloop

from tests.load.figures import Quantiles, quantiles

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """`body`: JSON, in which {number} is replaced by another number each time it is sent."""

    method: str
    path: str
    token: str = ""
    body: str | None = None

    def render(self, number: int) -> bytes:
        head = f"{self.method} {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        if self.token:
            head += f"authorization: Bearer {self.token}\r\n"
        if self.body is None:
            return f"{head}\r\n".encode()
        body = self.body.replace("{number}", str(number)).encode()
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body


@dataclass(frozen=True, slots=True)
class Load:
    """`requests`: for each connection the requests that it repeats. The connections are spread over
    `ports`. `first`: the number of the first request.
    """

    ports: list[int]
    warm_up: float
    seconds: float
    first: int
    requests: list[list[Request]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failed`: responses with a status of 400 or above, and connections that ended. `last`: the
    number of the next request, after those of the warm-up too.
    """

    answered: int
    failed: int
    seconds: float
    latency_ms: Quantiles
    cpu_seconds: float
    last: int

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


class Run:
    """The state that the connections share: whether to measure, whether to stop, the results."""

    def __init__(self, load: Load) -> None:
        self.numbers = count(load.first)
        self.latencies = array("q")
        self.failed = 0
        self.measuring = False
        self.stopping = False

    def record(self, latency_ns: int, *, status: int) -> None:
        if self.measuring:
            self.latencies.append(latency_ns)
            self.failed += status >= 400


class Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[Request], *, run: Run) -> None:
        self._requests = requests
        self._run = run
        self._buffer = b""
        self._began = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._buffer, 0, head + 2)
        if len(self._buffer) < head + 4 + (int(length[1]) if length else 0):
            return
        self._run.record(time.perf_counter_ns() - self._began, status=int(self._buffer[9:12]))
        self._buffer = b""
        if self._run.stopping:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.failed += not self._run.stopping
        self.done.set_result(None)

    def _send(self) -> None:
        request = next(self._requests).render(next(self._run.numbers))
        self._began = time.perf_counter_ns()
        self._transport.write(request)


async def run(load: Load) -> Outcome:
    loop = asyncio.get_running_loop()
    shared = Run(load)
    connections = []
    for port, requests in zip(cycle(load.ports), load.requests, strict=False):
        endless = cycle(requests)

        def connect(requests: Iterator[Request] = endless) -> Connection:
            return Connection(requests, run=shared)

        _, connection = await loop.create_connection(connect, "127.0.0.1", port)
        connections.append(connection)
    await asyncio.sleep(load.warm_up)
    shared.measuring, began, cpu = True, time.perf_counter(), time.process_time()
    await asyncio.sleep(load.seconds)
    shared.measuring, seconds = False, time.perf_counter() - began
    cpu = time.process_time() - cpu
    shared.stopping = True
    await asyncio.wait_for(asyncio.gather(*(one.done for one in connections)), 30)
    latency = quantiles(nanoseconds / 1e6 for nanoseconds in shared.latencies)
    return Outcome(
        len(shared.latencies), shared.failed, seconds, latency, cpu, next(shared.numbers)
    )


def read_load(text: str) -> Load:
    document = json.loads(text)
    requests = [[Request(**one) for one in each] for each in document.pop("requests")]
    return Load(**document, requests=requests)


if __name__ == "__main__":
    outcome = uvloop.run(run(read_load(sys.stdin.read())))
    print(json.dumps(asdict(outcome)))
