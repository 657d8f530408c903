"""Measures how long one message takes to reach each of a thousand sockets.

Runs as a separate process: `FanOut` as JSON on stdin, `FanOutTimes` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
import uvloop

from tests.load.figures import Quantiles, quantiles
from tests.load.listener import Listener, OnEvent

OPENED_AT_ONCE = 16
TIMEOUT_SECONDS = 10.0
PAUSE = 0.25
"""Seconds between a message that every socket has received and the next one."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """`tokens`: the access tokens of the users, who have one socket each; the first user sends."""

    port: int
    tokens: list[str]
    conversation_id: str
    warm_up: int
    messages: int


@dataclass(frozen=True, slots=True)
class FanOutTimes:
    """Over all pairs of a message and a socket: `after_response_ms` from the response to the
    sender, `after_request_ms` from the request. `response_ms`: from the
    request to its response. `last_ms`: to the last socket, message by message.
    """

    sockets: int
    messages: int
    missing: int
    after_response_ms: Quantiles
    after_request_ms: Quantiles
    response_ms: Quantiles
    last_ms: Quantiles


class Recorder:
    """The times at which each message was sent, acknowledged, and received by each socket."""

    def __init__(self, sockets: int) -> None:
        self._sockets = sockets
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.received: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self.complete = asyncio.Event()

    def callback(self, socket: int) -> OnEvent:
        return lambda event, now: self.record(event, now, socket=socket)

    def record(self, event: dict[str, Any], now: float, *, socket: int) -> None:
        if event["event"] != "message.created":
            return
        number = int(event["data"]["message"]["content"])
        received = self.received[number]
        received.setdefault(socket, now)
        if len(received) == self._sockets and number == len(self.sent) - 1:
            self.complete.set()

    def result(self, config: FanOut) -> FanOutTimes:
        counted = range(config.warm_up, config.warm_up + config.messages)
        pairs = [(n, time) for n in counted for time in self.received[n].values()]
        return FanOutTimes(
            sockets=self._sockets,
            messages=config.messages,
            missing=config.messages * self._sockets - len(pairs),
            after_response_ms=quantiles((time - self.acknowledged[n]) * 1000 for n, time in pairs),
            after_request_ms=quantiles((time - self.sent[n]) * 1000 for n, time in pairs),
            response_ms=quantiles((self.acknowledged[n] - self.sent[n]) * 1000 for n in counted),
            last_ms=quantiles(
                (max(self.received[n].values()) - self.sent[n]) * 1000
                for n in counted
                if self.received[n]
            ),
        )


async def fan_out(config: FanOut) -> FanOutTimes:
    recorder = Recorder(len(config.tokens))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{config.port}") as http:
        listeners = await open_listeners(http, config.tokens, recorder.callback)
        for number in range(config.warm_up + config.messages):
            await _send(http, config, number=number, recorder=recorder)
            await asyncio.sleep(PAUSE)
        for listener in listeners:
            listener.close()
    return recorder.result(config)


async def open_listeners(
    http: aiohttp.ClientSession, tokens: list[str], on_event: Callable[[int], OnEvent]
) -> list[Listener]:
    """A socket for each token; `on_event` makes the callback of each, from its number."""
    indexes = iter(range(len(tokens)))
    listeners: list[Listener] = []

    async def open_some() -> None:
        for index in indexes:
            response = await post(http, "/realtime/ticket", token=tokens[index])
            listeners.append(await Listener.open(response["url"], on_event=on_event(index)))

    await asyncio.gather(*(open_some() for _ in range(OPENED_AT_ONCE)))
    return listeners


async def _send(
    http: aiohttp.ClientSession, config: FanOut, *, number: int, recorder: Recorder
) -> None:
    """Returns when every socket has received the message, or after a timeout."""
    draft = {"conversation_id": config.conversation_id, "content": str(number)}
    recorder.complete.clear()
    recorder.sent[number] = time.perf_counter()
    await post(http, "/messages", token=config.tokens[0], body=draft)
    recorder.acknowledged[number] = time.perf_counter()
    try:
        await asyncio.wait_for(recorder.complete.wait(), TIMEOUT_SECONDS)
    except TimeoutError:
        return


async def post(
    http: aiohttp.ClientSession, path: str, *, token: str, body: object = None
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    async with http.post(path, json=body, headers=headers) as response:
        document: dict[str, Any] = await response.json(content_type=None)
        assert response.ok, document
        return document


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(fan_out(FanOut(**json.load(sys.stdin)))))))
