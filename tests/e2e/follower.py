"""The client's algorithm of the protocol, with nothing but httpx and websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from websockets.exceptions import WebSocketException

from tests.person import Document, NoReply, Person, RequestRefused, Socket

HOLD_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
RETRY_SECONDS = 0.2

TRANSIENT = (httpx.TransportError, WebSocketException, NoReply, RequestRefused, OSError)


@dataclass(slots=True)
class Follower:
    """Follows one stream from its beginning. `events`: without gaps."""

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
        """Until it is cancelled; over one socket after another."""
        while True:
            try:
                socket = await self.person.open_socket(cursors={self.stream: self.last})
            except TRANSIENT:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self.sockets += 1
            try:
                await self._listen(socket)
            except TRANSIENT:
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                await socket.close()

    async def _listen(self, socket: Socket) -> None:
        await self._sync()
        clock = asyncio.get_running_loop().time
        taken, ping_at = 0, clock() + HEARTBEAT_SECONDS
        while not socket.reading.done():
            has_more = await socket.wait_for_events(more_than=taken, seconds=HOLD_SECONDS)
            for event in socket.events[taken:]:
                self._take(event)
            taken = len(socket.events)
            if self._held and not has_more:
                await self._sync()
            if clock() > ping_at:
                ping_at = clock() + HEARTBEAT_SECONDS
                pong = await socket.call("ping", {"streams": [self.stream]})
                if pong["type"] != "pong":
                    raise RequestRefused(str(pong))
                if pong["heads"][self.stream] > self.last:
                    await self._sync()

    async def _sync(self) -> None:
        self.syncs += 1
        cursors: dict[str, int] | None = {self.stream: self.last}
        while cursors:
            response = await self.person.request("POST", "/sync", body={"cursors": cursors})
            if not response.is_success:
                raise RequestRefused(response.text)
            document = response.json()
            for event in document["streams"][self.stream]["events"]:
                self._take(event)
            cursors = document["next"]

    def _take(self, event: Document) -> None:
        if event["stream"] == self.stream and event["seq"] > self.last:
            self._held[event["seq"]] = event
        while (next_event := self._held.pop(self.last + 1, None)) is not None:
            self.events.append(next_event)


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
