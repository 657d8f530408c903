"""A small WebSocket client: a thousand of them use little of the CPU that is measured."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, cast
from urllib.parse import urlsplit

import aiohttp

OPENED_AT_ONCE = 16

_HANDSHAKE = (
    "GET {path}?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_NO_MASK = bytes(4)
"""A client must mask its frames; this mask leaves the bytes unchanged."""

OnEvent = Callable[[dict[str, Any], float], None]


@dataclass(frozen=True, slots=True)
class Clients:
    """An HTTP client for each port of a server; users are spread over them."""

    sessions: Sequence[aiohttp.ClientSession]

    def of(self, user: int) -> aiohttp.ClientSession:
        return self.sessions[user % len(self.sessions)]


@asynccontextmanager
async def open_clients(ports: Sequence[int]) -> AsyncIterator[Clients]:
    async with AsyncExitStack() as stack:
        yield Clients(
            [
                await stack.enter_async_context(aiohttp.ClientSession(f"http://127.0.0.1:{port}"))
                for port in ports
            ]
        )


async def post(
    http: aiohttp.ClientSession, path: str, *, token: str, body: object = None
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    async with http.post(path, json=body, headers=headers) as response:
        document: dict[str, Any] = await response.json(content_type=None)
        assert response.ok, document
        return document


@lru_cache(maxsize=32)
def _parse(payload: bytes) -> dict[str, Any]:
    """A thousand sockets get the same."""
    frame: dict[str, Any] = json.loads(payload)
    return frame


class Listener(asyncio.Protocol):
    """Calls `on_event` with each event and the time at which it was received. `event_frames`: how
    many frames with events it has received.
    """

    def __init__(self, url: str, *, on_event: OnEvent) -> None:
        self._url = urlsplit(url)
        self._on_event = on_event
        self._received = bytearray()
        self._open = False
        self.event_frames = 0
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, url: str, *, on_event: OnEvent) -> Self:
        """Connects, and returns after `hello` was answered."""
        _, listener = await asyncio.get_running_loop().create_connection(
            lambda: cls(url, on_event=on_event), "127.0.0.1", urlsplit(url).port or 80
        )
        await asyncio.wait_for(listener.greeted, 30)
        return listener

    @classmethod
    async def open_all(
        cls, clients: Clients, tokens: Sequence[str], on_event: Callable[[int], OnEvent]
    ) -> list[Self]:
        """A socket for each token; `on_event` makes the callback of each, from its number."""
        indexes = iter(range(len(tokens)))
        listeners: list[Self] = []

        async def open_some() -> None:
            for index in indexes:
                response = await post(clients.of(index), "/realtime/ticket", token=tokens[index])
                listeners.append(await cls.open(response["url"], on_event=on_event(index)))

        await asyncio.gather(*(open_some() for _ in range(OPENED_AT_ONCE)))
        return listeners

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        path, query, host = self._url.path, self._url.query, self._url.netloc
        self._transport.write(_HANDSHAKE.format(path=path, query=query, host=host).encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._received += data
        if not self._open:
            self._read_answer()
        while self._open and (payload := self._next_frame()) is not None:
            self._frame(_parse(payload), now)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError(bytes(self._received).decode()))

    def _read_answer(self) -> None:
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end or not head.startswith(b"HTTP/1.1 101"):
            return
        self._open, self._received = True, rest
        hello = json.dumps({"action": "hello", "id": "hello", "data": {}}).encode()
        self._transport.write(bytes((0x81, 0x80 | len(hello))) + _NO_MASK + hello)

    def _next_frame(self) -> bytes | None:
        data = self._received
        if len(data) < 2:
            return None
        wide = {126: 2, 127: 8}.get(data[1], 0)
        start = 2 + wide
        end = start + (int.from_bytes(data[2:start], "big") if wide else data[1])
        if len(data) < end:
            return None
        is_text = data[0] == 0x81
        payload = bytes(data[start:end])
        del data[:end]
        return payload if is_text else self._next_frame()  # the others close the socket

    def _frame(self, frame: dict[str, Any], now: float) -> None:
        if frame["type"] == "hello":
            self.greeted.set_result(None)
        self.event_frames += frame["type"] in ("event", "batch")
        for event in frame.get("events", [frame]):
            if event["type"] == "event":
                self._on_event(event, now)
