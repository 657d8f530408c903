"""Delivery latency: one socket sends at a steady rate, another one receives the events.

Runs as a separate process: `Exchange` as JSON on stdin, `Delivery` as JSON on stdout.
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

TIMEOUT_SECONDS = 10.0


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
class Delivery:
    """`received_ms`: from sending a frame to its event on the other socket. `acknowledged_ms`: from
    sending it to its acknowledgement. `cpu_ms`: per message, by part, including this process.
    """

    sent: int
    missing: int
    refused: int
    received_ms: Quantiles
    acknowledged_ms: Quantiles
    cpu_ms: dict[str, float]


class Recorder:
    """The times at which each message was sent, acknowledged and received, by number. `run` makes
    the nonces unique.
    """

    def __init__(self, *, counted_from: int) -> None:
        self._counted_from = counted_from
        self.run = uuid4().hex[:8]
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.received: dict[int, float] = {}
        self.refused = 0

    async def read_acknowledgements(self, socket: ClientConnection) -> None:
        async for text in socket:
            now, frame = time.perf_counter(), json.loads(text)
            if frame["type"] == "ack":
                self.acknowledged[int(frame["id"])] = now
                self.refused += not frame["ok"]

    async def read_events(self, socket: ClientConnection) -> None:
        async for text in socket:
            now, frame = time.perf_counter(), json.loads(text)
            for event in frame.get("events", [frame]):
                if event.get("event") == "message.created":
                    number = int(event["data"]["message"]["content"])
                    self.received.setdefault(number, now)

    def result(self) -> Delivery:
        counted = [number for number in self.sent if number >= self._counted_from]
        return Delivery(
            sent=len(counted),
            missing=sum(number not in self.received for number in counted),
            refused=self.refused,
            received_ms=self._since_sent(self.received, counted),
            acknowledged_ms=self._since_sent(self.acknowledged, counted),
            cpu_ms={"receiver": 1000 * time.process_time() / len(self.sent)},
        )

    def _since_sent(self, times: dict[int, float], numbers: list[int]) -> Quantiles:
        return quantiles((times[n] - self.sent[n]) * 1000 for n in numbers if n in times)


async def exchange(config: Exchange) -> Delivery:
    total = round((config.warm_up + config.seconds) * config.rate)
    recorder = Recorder(counted_from=round(config.warm_up * config.rate))
    async with (
        await _connect(config.sender) as sender,
        await _connect(config.reader) as reader,
        asyncio.TaskGroup() as tasks,
    ):
        reading = [
            tasks.create_task(recorder.read_acknowledgements(sender)),
            tasks.create_task(recorder.read_events(reader)),
        ]
        await _send_steadily(sender, config, total=total, recorder=recorder)
        await _until_complete(recorder, total=total)
        for task in reading:
            task.cancel()
    return recorder.result()


async def _connect(url: str) -> ClientConnection:
    socket = await connect(url, compression=None, ping_interval=None, proxy=None)
    await socket.send(json.dumps({"action": "hello", "id": "hello", "data": {}}))
    reply = json.loads(await socket.recv())
    assert reply["type"] == "hello", reply
    return socket


async def _send_steadily(
    socket: ClientConnection, config: Exchange, *, total: int, recorder: Recorder
) -> None:
    """Sends at a fixed rate, also if the acknowledgements are late."""
    began = time.perf_counter()
    for number in range(total):
        await asyncio.sleep(began + number / config.rate - time.perf_counter())
        draft = {"conversation_id": config.conversation_id, "content": str(number)}
        data = {**draft, "nonce": f"{recorder.run}-{number}"}
        frame = {"action": "send", "id": str(number), "data": data}
        recorder.sent[number] = time.perf_counter()
        await socket.send(json.dumps(frame))


async def _until_complete(recorder: Recorder, *, total: int) -> None:
    """Returns after a timeout too; the result then shows what is missing."""
    deadline = time.perf_counter() + TIMEOUT_SECONDS
    while (
        min(len(recorder.received), len(recorder.acknowledged)) < total
        and time.perf_counter() < deadline
    ):
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(exchange(Exchange(**json.load(sys.stdin)))))))
