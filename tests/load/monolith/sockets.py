"""Open sockets in memory. Each worker sends an event to its own sockets and hands it to the other
workers, which do the same.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import orjson
from fastapi import WebSocket, WebSocketDisconnect

from cgraph.core.ids import UserId
from cgraph.realtime.fanout import Announcement

_LENGTH_BYTES = 4


@dataclass(slots=True)
class Sockets:
    """`peers`: the Unix sockets of the other workers."""

    peers: list[asyncio.StreamWriter]
    _open: defaultdict[UserId, set[WebSocket]]
    _waiting: asyncio.Queue[tuple[Iterable[UserId], str]]

    def __init__(self) -> None:
        self.peers = []
        self._open = defaultdict(set)
        self._waiting = asyncio.Queue()

    async def serve(self, socket: WebSocket, user: UserId) -> None:
        """Answers `hello`, until the socket is closed."""
        await socket.accept()
        self._open[user].add(socket)
        try:
            while True:
                frame = orjson.loads(await socket.receive_text())
                await socket.send_text(f'{{"type":"hello","id":"{frame["id"]}"}}')
        except WebSocketDisconnect:
            pass
        finally:
            self._open[user].discard(socket)

    def publish(self, announcements: Iterable[Announcement]) -> None:
        """Does not wait until the events are sent; they are sent in their order."""
        for announcement in announcements:
            audience = announcement.audience or []
            frame = orjson.dumps(announcement.event.as_frame()).decode()
            self._waiting.put_nowait((audience, frame))
            packet = _packet(audience, frame) if self.peers else b""
            for peer in self.peers:
                peer.write(packet)

    async def send_waiting(self) -> None:
        """The task that sends what was published, here or by a peer."""
        while True:
            audience, frame = await self._waiting.get()
            for user in audience:
                for socket in list(self._open.get(user, ())):
                    with suppress(RuntimeError, WebSocketDisconnect):  # it is just being closed
                        await socket.send_text(frame)

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What one peer publishes, until it ends."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
                people, frame = orjson.loads(await reader.readexactly(length))
                self._waiting.put_nowait(([UserId(UUID(person)) for person in people], frame))
        writer.close()


def _packet(audience: Iterable[UserId], frame: str) -> bytes:
    body = orjson.dumps([list(audience), frame])
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body
