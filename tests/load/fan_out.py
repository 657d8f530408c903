"""One message to a thousand sockets: how long until each of them has it.

A process of its own: `FanOut` as JSON on stdin, `Spread` as JSON on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
import uvloop

from tests.load.figures import Quantiles, quantiles
from tests.load.listener import Listener

OPENED_AT_ONCE = 16
PATIENCE = 10.0
PAUSE = 0.25
"""Between a message that all have and the next one."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """`tokens`: of the listeners, each of whom has one socket; the first of them sends."""

    port: int
    tokens: list[str]
    conversation_id: str
    warm_up: int
    messages: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Over all pairs of a message and a socket: `replied_ms` from the reply to the one who sent,
    `sent_ms` from the request. `answered_ms`: from the request to its reply. `last_ms`: to the last
    socket, message by message.
    """

    sockets: int
    messages: int
    missing: int
    replied_ms: Quantiles
    sent_ms: Quantiles
    answered_ms: Quantiles
    last_ms: Quantiles


class Watch:
    """When each message was sent, answered, and seen by each socket."""

    def __init__(self, sockets: int) -> None:
        self._sockets = sockets
        self.sent: dict[int, float] = {}
        self.answered: dict[int, float] = {}
        self.seen: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self.complete = asyncio.Event()

    def take(self, event: dict[str, Any], now: float, *, socket: int) -> None:
        if event["event"] != "message.created":
            return
        number = int(event["data"]["message"]["content"])
        seen = self.seen[number]
        seen.setdefault(socket, now)
        if len(seen) == self._sockets and number == len(self.sent) - 1:
            self.complete.set()

    def result(self, given: FanOut) -> Spread:
        counted = range(given.warm_up, given.warm_up + given.messages)
        pairs = [(n, moment) for n in counted for moment in self.seen[n].values()]
        return Spread(
            sockets=self._sockets,
            messages=given.messages,
            missing=given.messages * self._sockets - len(pairs),
            replied_ms=quantiles((moment - self.answered[n]) * 1000 for n, moment in pairs),
            sent_ms=quantiles((moment - self.sent[n]) * 1000 for n, moment in pairs),
            answered_ms=quantiles((self.answered[n] - self.sent[n]) * 1000 for n in counted),
            last_ms=quantiles(
                (max(self.seen[n].values()) - self.sent[n]) * 1000 for n in counted if self.seen[n]
            ),
        )


async def fan_out(given: FanOut) -> Spread:
    watch = Watch(len(given.tokens))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{given.port}") as http:
        listeners = await _listen(http, given, watch=watch)
        for number in range(given.warm_up + given.messages):
            await _send(http, given, number=number, watch=watch)
            await asyncio.sleep(PAUSE)
        for listener in listeners:
            listener.close()
    return watch.result(given)


async def _listen(http: aiohttp.ClientSession, given: FanOut, *, watch: Watch) -> list[Listener]:
    places = iter(range(len(given.tokens)))
    listeners: list[Listener] = []

    async def open_some() -> None:
        for place in places:
            answer = await _post(http, "/realtime/ticket", token=given.tokens[place])

            def take(event: dict[str, Any], now: float, socket: int = place) -> None:
                watch.take(event, now, socket=socket)

            listeners.append(await Listener.open(answer["url"], take=take))

    await asyncio.gather(*(open_some() for _ in range(OPENED_AT_ONCE)))
    return listeners


async def _send(http: aiohttp.ClientSession, given: FanOut, *, number: int, watch: Watch) -> None:
    """Returns when all have it, or when it is clear that something is missing."""
    draft = {"conversation_id": given.conversation_id, "content": str(number)}
    watch.complete.clear()
    watch.sent[number] = time.perf_counter()
    await _post(http, "/messages", token=given.tokens[0], body=draft)
    watch.answered[number] = time.perf_counter()
    try:
        await asyncio.wait_for(watch.complete.wait(), PATIENCE)
    except TimeoutError:
        return


async def _post(
    http: aiohttp.ClientSession, path: str, *, token: str, body: object = None
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    async with http.post(path, json=body, headers=headers) as answer:
        document: dict[str, Any] = await answer.json(content_type=None)
        assert answer.ok, document
        return document


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(fan_out(FanOut(**json.load(sys.stdin)))))))
