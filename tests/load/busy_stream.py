"""Measures the fan-out of a conversation in which messages are sent at a steady rate: how long each
takes to reach each socket, and how many posts that takes.

Runs as a separate process: `BusyStream` as JSON on stdin, `BusyTimes` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
import uvloop

from tests.load.fan_out import open_listeners, post
from tests.load.figures import Quantiles, quantiles

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class BusyStream:
    """`tokens`: the access tokens of the users, who have one socket each and send in turn. `rate`:
    messages a second, for `warm_up` and then `seconds`.
    """

    port: int
    tokens: list[str]
    conversation_id: str
    rate: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class BusyTimes:
    """Over all pairs of a message and a socket, of the messages after the warm-up. `received_ms`:
    from the request to its event on a socket. `frames`: with events, that all sockets have got;
    `deliveries`: the events in them.
    """

    sockets: int
    rate: int
    messages: int
    missing: int
    refused: int
    response_ms: Quantiles
    received_ms: Quantiles
    frames: int
    deliveries: int


class Recorder:
    def __init__(self) -> None:
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.received: list[tuple[int, float]] = []
        self.refused = 0

    def record(self, event: dict[str, Any], now: float) -> None:
        if event["event"] == "message.created":
            self.received.append((int(event["data"]["message"]["content"]), now))


async def run(config: BusyStream) -> BusyTimes:
    recorder = Recorder()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{config.port}") as http:
        listeners = await open_listeners(http, config.tokens, lambda _: recorder.record)
        total = round((config.warm_up + config.seconds) * config.rate)
        began = time.perf_counter()
        sending = []
        for number in range(total):
            await asyncio.sleep(began + number / config.rate - time.perf_counter())
            sending.append(asyncio.create_task(_send(http, config, number, recorder)))
        await asyncio.gather(*sending)
        await _until_complete(recorder, total=total * len(config.tokens))
        frames = sum(listener.event_frames for listener in listeners)
        for listener in listeners:
            listener.close()
    return _result(config, recorder, frames=frames)


async def _send(
    http: aiohttp.ClientSession, config: BusyStream, number: int, recorder: Recorder
) -> None:
    token = config.tokens[number % min(len(config.tokens), 16)]
    draft = {"conversation_id": config.conversation_id, "content": str(number)}
    recorder.sent[number] = time.perf_counter()
    try:
        await post(http, "/messages", token=token, body=draft)
    except AssertionError:
        recorder.refused += 1
        return
    recorder.acknowledged[number] = time.perf_counter()


async def _until_complete(recorder: Recorder, *, total: int) -> None:
    """Returns after a timeout too; the result then shows what is missing."""
    deadline = time.perf_counter() + TIMEOUT_SECONDS
    while len(recorder.received) < total and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)


def _result(config: BusyStream, recorder: Recorder, *, frames: int) -> BusyTimes:
    first = round(config.warm_up * config.rate)
    counted = [number for number in recorder.acknowledged if number >= first]
    waits = [recorder.acknowledged[number] - recorder.sent[number] for number in counted]
    times = [(number, now) for number, now in recorder.received if number >= first]
    return BusyTimes(
        sockets=len(config.tokens),
        rate=config.rate,
        messages=len(counted),
        missing=len(counted) * len(config.tokens) - len(times),
        refused=recorder.refused,
        response_ms=quantiles(wait * 1000 for wait in waits),
        received_ms=quantiles((now - recorder.sent[n]) * 1000 for n, now in times),
        frames=frames,
        deliveries=len(recorder.received),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(BusyStream(**json.load(sys.stdin)))))))
