"""One greeted socket at a time, and the next one whenever it ends or is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from cgraph_client.backoff import Backoff, spread
from cgraph_client.errors import CGraphError
from cgraph_client.socket import Socket, open_socket

if TYPE_CHECKING:
    from cgraph_client.api import Client

STAY, STAY_SPREAD = 0.98, 0.02  # of a socket's life: after the server should have asked
SETTLED_SECONDS = 1.0  # a socket that lived this long was no failed attempt
CALM_SECONDS = 1.5  # a storm that is over so soon needs no spreading


class State(Enum):
    """`CONNECTING` until the first hello, `RECONNECTING` whenever no socket is open after it."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class Lifeline:
    def __init__(
        self,
        client: Client,
        *,
        cursors: Callable[[], Mapping[str, int]],
        watched: Callable[[], Sequence[str]],
        heartbeat: float | None,
        on_hello: Callable[[Mapping[str, int]], None],
        on_frame: Callable[[dict[str, Any]], None],
        on_state: Callable[[State], None],
        on_failure: Callable[[], None],
        backoff: Backoff,
    ) -> None:
        self.socket: Socket | None = None
        self.trouble = ""
        self._client = client
        self._cursors = cursors
        self._watched = watched
        self._heartbeat = heartbeat
        self._on_hello = on_hello
        self._on_frame = on_frame
        self._on_state = on_state
        self._on_failure = on_failure
        self._backoff = backoff
        self._failures = 0

    @property
    def is_open(self) -> bool:
        return self.socket is not None and self.socket.is_open

    async def hold(self) -> None:
        """Runs until it is cancelled, or until trying again cannot help. `CONNECTED` is told of
        each new socket, also where the one before is still open."""
        try:
            async with asyncio.TaskGroup() as retiring:
                while True:
                    await asyncio.sleep(await self._live_once(retiring))
        finally:
            if self.socket is not None:
                await self.socket.close()

    async def _live_once(self, retiring: asyncio.TaskGroup) -> float:
        """One socket from its ticket to its end; the seconds to wait before the next one."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            socket, previous = await self._open(), self.socket
            self.socket, began = socket, clock()
            self._on_state(State.CONNECTED)
            if previous is not None:
                retiring.create_task(previous.retire())
            await self._stay(socket)
        except CGraphError as error:
            if not error.is_passing:
                raise
            self.trouble = str(error)
            self._failures += 1
            if not self.is_open:
                self._on_state(State.RECONNECTING)
                self._on_failure()
            return self._backoff.delay(self._failures, at_least=error.retry_after)
        return self._pause_after(socket, lived=clock() - began)

    async def _stay(self, socket: Socket) -> None:
        """Until it has ended or the next one is to be opened. Raises what the server closes for."""
        ends: set[asyncio.Future[Any]] = {socket.reading, socket.departure, socket.closing}
        await asyncio.wait(ends, timeout=socket.stay, return_when=asyncio.FIRST_COMPLETED)
        if socket.departure.done():
            wait = socket.departure.result().wait()
            ends.remove(socket.departure)
            await asyncio.wait(ends, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        if socket.closing.done():
            raise socket.closing.result()
        if socket.reading.done():
            socket.reading.result()
            self.trouble = socket.why_ended
            self._on_state(State.RECONNECTING)

    def _pause_after(self, socket: Socket, *, lived: float) -> float:
        if lived < SETTLED_SECONDS:
            self._failures += 1
            return self._backoff.delay(self._failures)
        self._failures = 0
        is_storm = not socket.is_open and socket.ended_suddenly and socket.storm > CALM_SECONDS
        return spread(socket.storm) if is_storm else 0.0

    async def _open(self) -> Socket:
        ticket = await self._client.ticket()
        socket = await open_socket(ticket.url, on_frame=self._on_frame)
        try:
            await self._greet(socket)
        except BaseException:
            await socket.close()
            raise
        return socket

    async def _greet(self, socket: Socket) -> None:
        cursors = self._cursors()
        hello = await socket.hello(cursors)
        heads = dict(hello.heads)
        if hello.more_heads and not cursors:
            heads = await self._client.heads() | heads
        self._on_hello(heads)
        socket.storm = hello.storm
        if hello.life > 0:  # else the clocks disagree, and only the server knows
            socket.stay = hello.life * STAY - spread(hello.life * STAY_SPREAD)
        socket.beat(self._heartbeat or hello.heartbeat, watched=self._watched)
