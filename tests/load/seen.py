"""From send to seen: one socket sends at a steady rate, another one waits for the events.

A process of its own: `Exchange` as JSON on stdin, `Seen` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from uuid import uuid4

import uvloop
from websockets.asyncio.client import ClientConnection, connect

from tests.load.figures import Quantiles, quantiles

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """`sender` and `reader` are addresses with a ticket in them."""

    sender: str
    reader: str
    conversation_id: str
    rate: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Seen:
    """`seen_ms`: from the frame's sending to the event at the other socket; `answered_ms`: to the
    sender's own acknowledgement. `cpu_ms`: of a message, by part; the watcher adds its own.
    """

    sent: int
    missing: int
    refused: int
    seen_ms: Quantiles
    answered_ms: Quantiles
    cpu_ms: dict[str, float]


class Watch:
    """When each message was sent, answered and seen, by its number. `run`: makes nonces new."""

    def __init__(self, *, counted_from: int) -> None:
        self._counted_from = counted_from
        self.run = uuid4().hex[:8]
        self.sent: dict[int, float] = {}
        self.answered: dict[int, float] = {}
        self.seen: dict[int, float] = {}
        self.refused = 0

    async def read_answers(self, socket: ClientConnection) -> None:
        async for text in socket:
            now, frame = time.perf_counter(), json.loads(text)
            if frame["type"] == "ack":
                self.answered[int(frame["id"])] = now
                self.refused += not frame["ok"]

    async def read_events(self, socket: ClientConnection) -> None:
        async for text in socket:
            now, frame = time.perf_counter(), json.loads(text)
            for event in frame.get("events", [frame]):
                if event.get("event") == "message.created":
                    number = int(event["data"]["message"]["content"])
                    self.seen.setdefault(number, now)

    def result(self) -> Seen:
        counted = [number for number in self.sent if number >= self._counted_from]
        return Seen(
            sent=len(counted),
            missing=sum(number not in self.seen for number in counted),
            refused=self.refused,
            seen_ms=self._since_sent(self.seen, counted),
            answered_ms=self._since_sent(self.answered, counted),
            cpu_ms={"watcher": 1000 * time.process_time() / len(self.sent)},
        )

    def _since_sent(self, moments: dict[int, float], numbers: list[int]) -> Quantiles:
        return quantiles((moments[n] - self.sent[n]) * 1000 for n in numbers if n in moments)


async def exchange(given: Exchange) -> Seen:
    total = round((given.warm_up + given.seconds) * given.rate)
    watch = Watch(counted_from=round(given.warm_up * given.rate))
    async with (
        await _greeted(given.sender) as sender,
        await _greeted(given.reader) as reader,
        asyncio.TaskGroup() as tasks,
    ):
        reading = [
            tasks.create_task(watch.read_answers(sender)),
            tasks.create_task(watch.read_events(reader)),
        ]
        await _send_steadily(sender, given, total=total, watch=watch)
        await _until_complete(watch, total=total)
        for task in reading:
            task.cancel()
    return watch.result()


async def _greeted(url: str) -> ClientConnection:
    socket = await connect(url, compression=None, ping_interval=None, proxy=None)
    await socket.send(json.dumps({"action": "hello", "id": "hello", "data": {}}))
    reply = json.loads(await socket.recv())
    assert reply["type"] == "hello", reply
    return socket


async def _send_steadily(
    socket: ClientConnection, given: Exchange, *, total: int, watch: Watch
) -> None:
    """At its own pace, whether or not the answers keep up."""
    began = time.perf_counter()
    for number in range(total):
        await asyncio.sleep(began + number / given.rate - time.perf_counter())
        draft = {"conversation_id": given.conversation_id, "content": str(number)}
        data = {**draft, "nonce": f"{watch.run}-{number}"}
        frame = {"action": "send", "id": str(number), "data": data}
        watch.sent[number] = time.perf_counter()
        await socket.send(json.dumps(frame))


async def _until_complete(watch: Watch, *, total: int) -> None:
    """Or until it is clear that something is missing, which the result then says."""
    limit = time.perf_counter() + PATIENCE
    while min(len(watch.seen), len(watch.answered)) < total and time.perf_counter() < limit:
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(exchange(Exchange(**json.load(sys.stdin)))))))
