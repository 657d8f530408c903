"""Keeps a socket open: opens the next one when a socket ends or is to be replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from cgraph_client.api.api_client import ApiClient
from cgraph_client.core.backoff import Backoff, jitter
from cgraph_client.core.errors import CGraphError
from cgraph_client.realtime.socket import Socket, open_socket

LIFETIME_SHARE, LIFETIME_JITTER = 0.98, 0.02
"""When a socket is replaced, as a share of its lifetime: later than the server asks for it."""

STABLE_SECONDS = 1.0
"""A socket that was open for less counts as a failed attempt."""

SHORT_STORM_SECONDS = 1.5
"""A reconnect storm that lasts no longer needs no spreading."""


class ConnectionState(Enum):
    """`CONNECTING` until the first `hello`; after that `RECONNECTING` while no socket is open."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class ConnectionManager:
    """`cursors` and `heartbeat_streams` are called for each `hello` and each ping. `heartbeat`:
    seconds between pings, None for what the server asks for. `on_unavailable` is called after each
    failed attempt while no socket is open.

    `socket` is the newest one, `last_error` why the last one ended or did not open.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        cursors: Callable[[], Mapping[str, int]],
        heartbeat_streams: Callable[[], Sequence[str]],
        heartbeat: float | None,
        on_hello: Callable[[Mapping[str, int]], None],
        on_frame: Callable[[dict[str, Any]], None],
        on_state: Callable[[ConnectionState], None],
        on_unavailable: Callable[[], None],
        backoff: Backoff,
    ) -> None:
        self.socket: Socket | None = None
        self.last_error = ""
        self._client = client
        self._cursors = cursors
        self._heartbeat_streams = heartbeat_streams
        self._heartbeat = heartbeat
        self._on_hello = on_hello
        self._on_frame = on_frame
        self._on_state = on_state
        self._on_unavailable = on_unavailable
        self._backoff = backoff
        self._failures = 0

    @property
    def is_open(self) -> bool:
        return self.socket is not None and self.socket.is_open

    async def run(self) -> None:
        """Runs until it is cancelled, or raises an error that another attempt cannot solve.
        `on_state` gets CONNECTED for each new socket, also where the one before is still open."""
        try:
            async with asyncio.TaskGroup() as draining:
                while True:
                    await asyncio.sleep(await self._use_one_socket(draining))
        finally:
            if self.socket is not None:
                await self.socket.close()

    async def _use_one_socket(self, draining: asyncio.TaskGroup) -> float:
        """Opens a socket and waits until it ends or is to be replaced. Returns the seconds to wait
        before the next one."""
        clock = asyncio.get_running_loop().time
        opened_at = clock()
        try:
            socket, previous = await self._open(), self.socket
            self.socket, opened_at = socket, clock()
            self._on_state(ConnectionState.CONNECTED)
            if previous is not None:
                draining.create_task(previous.drain())
            await self._wait_for_end(socket)
        except CGraphError as error:
            if not error.is_transient:
                raise
            self.last_error = str(error)
            self._failures += 1
            if not self.is_open:
                self._on_state(ConnectionState.RECONNECTING)
                self._on_unavailable()
            return self._backoff.delay(self._failures, at_least=error.retry_after)
        return self._delay_after(socket, lived=clock() - opened_at)

    async def _wait_for_end(self, socket: Socket) -> None:
        """Waits until the socket has ended or is to be replaced. Raises the reason for which the
        server closes it."""
        ends: set[asyncio.Future[Any]] = {
            socket.reader,
            socket.reconnect_request,
            socket.closing_error,
        }
        await asyncio.wait(ends, timeout=socket.replace_after, return_when=asyncio.FIRST_COMPLETED)
        if socket.reconnect_request.done():
            delay = socket.reconnect_request.result().delay()
            ends.remove(socket.reconnect_request)
            await asyncio.wait(ends, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
        if socket.closing_error.done():
            raise socket.closing_error.result()
        if socket.reader.done():
            socket.reader.result()
            self.last_error = socket.close_reason
            self._on_state(ConnectionState.RECONNECTING)

    def _delay_after(self, socket: Socket, *, lived: float) -> float:
        if lived < STABLE_SECONDS:
            self._failures += 1
            return self._backoff.delay(self._failures)
        self._failures = 0
        is_storm = (
            not socket.is_open
            and socket.ended_abruptly
            and socket.storm_jitter > SHORT_STORM_SECONDS
        )
        return jitter(socket.storm_jitter) if is_storm else 0.0

    async def _open(self) -> Socket:
        ticket = await self._client.ticket()
        socket = await open_socket(ticket.url, on_frame=self._on_frame)
        try:
            await self._say_hello(socket)
        except BaseException:
            await socket.close()
            raise
        return socket

    async def _say_hello(self, socket: Socket) -> None:
        cursors = self._cursors()
        hello = await socket.hello(cursors)
        heads = dict(hello.heads)
        if hello.more_heads and not cursors:
            heads = await self._client.stream_heads() | heads
        self._on_hello(heads)
        socket.storm_jitter = hello.storm_jitter
        if hello.lifetime > 0:  # else the two clocks disagree, and only the server knows the end
            socket.replace_after = hello.lifetime * LIFETIME_SHARE - jitter(
                hello.lifetime * LIFETIME_JITTER
            )
        socket.start_heartbeat(self._heartbeat or hello.heartbeat, streams=self._heartbeat_streams)
