"""Measures the fan-out of a conversation in which messages are sent at a steady rate: how long each
takes to reach each socket, and how many posts that takes.

Runs as a separate process: `BusyStream` as JSON on stdin, a list of `BusyTimes` as JSON on stdout.
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

from tests.load.figures import Quantiles, quantiles
from tests.load.listener import Clients, Listener, open_clients, post

TIMEOUT_SECONDS = 10.0
SENDERS = 16


@dataclass(frozen=True, slots=True)
class BusyStream:
    """`tokens`: the access tokens of the users, who have one socket each and send in turn. The
    users are spread over `ports`. `rates`: messages a second, one after the other, each for
    `warm_up` and then `seconds`, or until at least so many messages have been sent.
    """

    ports: list[int]
    tokens: list[str]
    conversation_id: str
    rates: list[int]
    warm_up: float
    seconds: float
    messages: int


@dataclass(frozen=True, slots=True)
class BusyTimes:
    """Over all pairs of a message and a socket, of the messages after the warm-up. `received_ms`:
    from the request to its event on a socket. `last_ms`: to the last socket, message by message.
    `frames`: with events, that all sockets have got; `deliveries`: the events in them.
    """

    sockets: int
    rate: int
    messages: int
    missing: int
    refused: int
    response_ms: Quantiles
    received_ms: Quantiles
    last_ms: Quantiles
    frames: int
    deliveries: int


class Recorder:
    """Of the messages with the numbers from `first` on."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.received: list[tuple[int, float]] = []
        self.refused = 0

    def record(self, event: dict[str, Any], now: float) -> None:
        if event["event"] == "message.created":
            number = int(event["data"]["message"]["content"])
            if number >= self.first:
                self.received.append((number, now))


async def run(config: BusyStream) -> list[BusyTimes]:
    recorder = Recorder(0)
    times: list[BusyTimes] = []
    async with open_clients(config.ports) as clients:
        listeners = await Listener.open_all(
            clients, config.tokens, lambda _: lambda event, now: recorder.record(event, now)
        )
        for rate in config.rates:
            recorder = Recorder(recorder.first + len(recorder.sent))
            before = sum(listener.event_frames for listener in listeners)
            warm_up = await _send_steadily(clients, config, rate, recorder)
            frames = sum(listener.event_frames for listener in listeners) - before
            times.append(_result(config, rate, recorder, warm_up=warm_up, frames=frames))
        for listener in listeners:
            listener.close()
    return times


async def _send_steadily(
    clients: Clients, config: BusyStream, rate: int, recorder: Recorder
) -> int:
    """Also if the answers are late. Returns the number of messages of the warm-up."""
    warm_up = max(1, round(config.warm_up * rate))
    total = warm_up + max(config.messages, round(config.seconds * rate))
    began, first = time.perf_counter(), recorder.first
    sending = []
    for number in range(total):
        await asyncio.sleep(began + number / rate - time.perf_counter())
        sending.append(asyncio.create_task(_send(clients, config, first + number, recorder)))
    await asyncio.gather(*sending)
    await _until_complete(recorder, total=total * len(config.tokens))
    return warm_up


async def _send(clients: Clients, config: BusyStream, number: int, recorder: Recorder) -> None:
    sender = number % min(len(config.tokens), SENDERS)
    draft = {"conversation_id": config.conversation_id, "content": str(number)}
    recorder.sent[number] = time.perf_counter()
    try:
        await post(clients.of(sender), "/messages", token=config.tokens[sender], body=draft)
    except (AssertionError, aiohttp.ClientError):
        recorder.refused += 1
        return
    recorder.acknowledged[number] = time.perf_counter()


async def _until_complete(recorder: Recorder, *, total: int) -> None:
    """Returns after a timeout too; the result then shows what is missing."""
    deadline = time.perf_counter() + TIMEOUT_SECONDS
    while len(recorder.received) < total and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)


def _result(
    config: BusyStream, rate: int, recorder: Recorder, *, warm_up: int, frames: int
) -> BusyTimes:
    first = recorder.first + warm_up
    counted = [number for number in recorder.acknowledged if number >= first]
    waits = [recorder.acknowledged[number] - recorder.sent[number] for number in counted]
    times = [(number, now) for number, now in recorder.received if number >= first]
    last: dict[int, float] = {}
    for number, now in times:
        last[number] = max(now, last.get(number, 0.0))
    return BusyTimes(
        sockets=len(config.tokens),
        rate=rate,
        messages=len(counted),
        missing=len(counted) * len(config.tokens) - len(times),
        refused=recorder.refused,
        response_ms=quantiles(wait * 1000 for wait in waits),
        received_ms=quantiles((now - recorder.sent[n]) * 1000 for n, now in times),
        last_ms=quantiles((now - recorder.sent[n]) * 1000 for n, now in last.items()),
        frames=frames,
        deliveries=len(recorder.received),
    )


if __name__ == "__main__":
    results = uvloop.run(run(BusyStream(**json.load(sys.stdin))))
    print(json.dumps([asdict(each) for each in results]))
