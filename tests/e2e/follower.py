"""The client's algorithm of the protocol, on nothing but httpx and websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from websockets.exceptions import WebSocketException

from tests.person import Document, NoAnswer, Person, Refused, Socket

HOLD_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
AGAIN_SECONDS = 0.2

PASSING = (httpx.TransportError, WebSocketException, NoAnswer, Refused, OSError)


@dataclass(slots=True)
class Follower:
    """One stream, from its beginning."""

    person: Person
    stream: str
    events: list[Document] = field(default_factory=list)
    sockets: int = 0
    syncs: int = 0
    _held: dict[int, Document] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return len(self.events)

    async def follow(self) -> None:
        """Until it is cancelled; sockets and servers come and go."""
        while True:
            try:
                socket = await self.person.open_socket(cursors={self.stream: self.last})
            except PASSING:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            self.sockets += 1
            try:
                await self._listen(socket)
            except PASSING:
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                await socket.close()

    async def _listen(self, socket: Socket) -> None:
        await self._sync()
        clock = asyncio.get_running_loop().time
        taken, beat_at = 0, clock() + HEARTBEAT_SECONDS
        while not socket.reading.done():
            waited = await socket.wait_for_more(taken, patience=HOLD_SECONDS)
            for event in socket.events[taken:]:
                self._take(event)
            taken = len(socket.events)
            if self._held and not waited:
                await self._sync()
            if clock() > beat_at:
                beat_at = clock() + HEARTBEAT_SECONDS
                pong = await socket.ask("ping", {"streams": [self.stream]})
                if pong["type"] != "pong":
                    raise Refused(str(pong))
                if pong["heads"][self.stream] > self.last:
                    await self._sync()

    async def _sync(self) -> None:
        self.syncs += 1
        cursors: dict[str, int] | None = {self.stream: self.last}
        while cursors:
            answer = await self.person.ask("POST", "/sync", body={"cursors": cursors})
            if not answer.is_success:
                raise Refused(answer.text)
            document = answer.json()
            for event in document["streams"][self.stream]["events"]:
                self._take(event)
            cursors = document["next"]

    def _take(self, event: Document) -> None:
        if event["stream"] == self.stream and event["seq"] > self.last:
            self._held[event["seq"]] = event
        while (following := self._held.pop(self.last + 1, None)) is not None:
            self.events.append(following)


@asynccontextmanager
async def following(person: Person, stream: str) -> AsyncIterator[Follower]:
    follower = Follower(person, stream)
    task = asyncio.create_task(follower.follow())
    try:
        yield follower
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
