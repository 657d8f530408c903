"""One WebSocket: bytes in, messages out.

The frames are those of `websockets`' sans-IO protocol rather than uvicorn's own ASGI layer: only
there is the size of each frame seen (AWS limits frames and messages), is the handshake held until
`$connect` has answered, is every close code ours, and does a post cost one write and no task.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, cast

from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from cgraph_local.gateway.clock import new_id

if TYPE_CHECKING:
    from cgraph_local.gateway.socket_gateway import SocketGateway

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024
CLOSE_SECONDS = 5.0
SHUTDOWN_SECONDS = 1.0
"""How long a client may take to answer our close frame."""


class Posted(Enum):
    SENT = auto()
    GONE = auto()
    FULL = auto()


class Socket(asyncio.Protocol):
    def __init__(self, owner: "SocketGateway", *, server: ServerState) -> None:
        self.id = new_id()
        self.peer = ""
        self.port = 0
        self.connected_at = 0
        """Milliseconds since 1970."""
        self.user_agent = ""
        self.opened_at = 0.0
        self.active_at = 0.0
        """On the loop's clock; both directions count, control frames do not."""
        self._owner = owner
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._frames = ServerProtocol(max_size=(MESSAGE_LIMIT, FRAME_LIMIT))
        self._fragments: list[bytes] = []
        self._waiting: deque[str] = deque()
        self._in_flight = 0
        self._is_open = False
        self._closing: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    # What the gateway does with it.

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def is_full(self) -> bool:
        """The client does not read: what may wait for it is reached."""
        return self._transport.get_write_buffer_size() > self._owner.unsent_bytes

    @property
    def last_active_at(self) -> int:
        """Milliseconds since 1970."""
        return self.connected_at + int(1000 * (self.active_at - self.opened_at))

    def post(self, data: bytes) -> Posted:
        if not self._is_open:
            return Posted.GONE
        if self.is_full:
            return Posted.FULL
        self.active_at = self._loop.time()
        self._frames.send_text(data)
        self._flush()
        return Posted.SENT

    def close(self, code: int, reason: str = "") -> None:
        if self._frames.state is State.OPEN:
            self._frames.send_close(code, reason)
            self._flush()
            self._waiting.clear()
            self._ended()

    def abort(self) -> None:
        """Without a closing handshake, as when a network fails."""
        self._transport.abort()

    def shutdown(self) -> None:
        """uvicorn is to stop."""
        self.close(1001, "Going away")
        self._abort_after(SHUTDOWN_SECONDS)

    # What asyncio tells it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)
        self.peer = transport.get_extra_info("peername")[0]
        self.port = transport.get_extra_info("sockname")[1]
        self._server.connections.add(self)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self._frames.receive_data(data)
        for event in self._frames.events_received():
            if isinstance(event, Request):
                self._spawn(self._handshake(event))
            elif isinstance(event, Frame) and self._is_open:
                self._frame(event)
        self._flush()
        if self._frames.state is not State.OPEN:
            self._ended()

    def eof_received(self) -> None:
        self._frames.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._frames.receive_eof()
        if self._closing is not None:
            self._closing.cancel()
        self._ended()

    # The handshake, which waits for the $connect function.

    async def _handshake(self, request: Request) -> None:
        response = self._frames.accept(request)
        if response.status_code == 101:
            response = await self._owner.connect(self, request, response)
        lost = self._transport.is_closing()
        if not lost:
            self._frames.send_response(response)
            self._flush()
        if response.status_code != 101:
            return
        if lost:
            await self._owner.disconnect(self, code=1006, reason="")
            return
        self._is_open = True
        self.opened_at = self.active_at = self._loop.time()
        self._owner.opened(self)

    # Messages: a bounded number is in work, the rest waits in the client's TCP window.

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self.close(1003, "Binary messages are not supported")
        elif frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                data, self._fragments = b"".join(self._fragments), []
                self._message(data)

    def _message(self, data: bytes) -> None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self.close(1007, "Not UTF-8")
            return
        self.active_at = self._loop.time()
        if self._in_flight < self._owner.messages_in_flight:
            self._start(text)
        else:
            self._waiting.append(text)
            self._transport.pause_reading()

    def _start(self, text: str) -> None:
        self._in_flight += 1
        self._spawn(self._owner.message(self, text)).add_done_callback(self._handled)

    def _handled(self, _: asyncio.Task[None]) -> None:
        self._in_flight -= 1
        if self._waiting:
            self._start(self._waiting.popleft())
            self._read_on()

    def _ended(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        self._read_on()
        self._owner.closed(self)
        close = self._frames.close_sent or self._frames.close_rcvd
        code, reason = (close.code, close.reason) if close is not None else (1006, "")
        self._spawn(self._owner.disconnect(self, code=code, reason=reason))

    def _read_on(self) -> None:
        if not self._waiting and not self._transport.is_closing():
            self._transport.resume_reading()

    def _flush(self) -> None:
        if self._transport.is_closing():
            return
        for data in self._frames.data_to_send():
            if data:
                self._transport.write(data)
            else:
                with suppress(OSError):  # the other side has just reset the connection
                    self._transport.write_eof()
        if self._closing is None and self._frames.close_expected():
            self._abort_after(CLOSE_SECONDS)

    def _abort_after(self, seconds: float) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self._closing = self._loop.call_later(seconds, self._transport.abort)

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """uvicorn waits for these when it stops, so `$disconnect` is still called."""
        task = self._loop.create_task(work)
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
        return task
