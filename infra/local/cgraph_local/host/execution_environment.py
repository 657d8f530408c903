"""The host's end of an execution environment: a forked process that runs one function."""

import asyncio
import socket
import time
from collections.abc import Callable
from enum import Enum
from typing import Protocol, cast

from cgraph_local.host.fork_control import Fork
from cgraph_local.host.frames import LENGTH, RESULT_HEADER, Outcome, event_frame
from cgraph_local.host.invocation import InvocationError
from cgraph_local.host.output_reader import OutputReader
from cgraph_local.host.pending_invocation import PendingInvocation

INIT_SECONDS = 10.0


class State(Enum):
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    TERMINATED = "terminated"


class EnvironmentListener(Protocol):
    """Is called when the state of an environment changes."""

    def on_ready(self, environment: "ExecutionEnvironment") -> None:
        """It has imported its handler."""

    def on_finished(
        self, environment: "ExecutionEnvironment", *, cpu_ns: int, error: InvocationError | None
    ) -> None:
        """It has returned the result of an event."""

    def on_exit(self, environment: "ExecutionEnvironment") -> None:
        """Its process has ended. `on_lost` or `on_start_failed` follows."""

    def on_lost(
        self,
        environment: "ExecutionEnvironment",
        *,
        pending: PendingInvocation | None,
        unread: bool,
    ) -> None:
        """Its channel is closed. `pending`: the event it had; `unread`: it had not read it yet, so
        another environment can have it.
        """

    def on_start_failed(
        self, environment: "ExecutionEnvironment", *, error: InvocationError, payload: bytes
    ) -> None:
        """It could not import its handler. `payload`: Lambda's error document, empty after a crash
        or time-out.
        """


class ExecutionEnvironment(asyncio.Protocol):
    def __init__(
        self,
        fork: Fork,
        *,
        started_at: float,
        listener: EnvironmentListener,
        timeout: float,
        kill: Callable[[int], None],
        write_line: Callable[[bytes, str], None],
    ) -> None:
        self.pid = fork.pid
        self.state = State.STARTING
        self.invocations = 0
        self.started_at = started_at
        self.idle_since = self.busy_since = started_at
        self.init_ms = 0.0
        self.retiring = False
        """It gets no further event and ends after the one it has."""
        self._fork = fork
        self._listener = listener
        self._timeout = timeout
        self._kill = kill
        self._write_line = write_line
        self._pending: PendingInvocation | None = None
        self._timed_out = False
        self._unread = False
        self._exit_code: int | None = None
        self._received = bytearray()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer = self._loop.call_later(INIT_SECONDS, self._handle_timeout)
        self._output = OutputReader(fork.output, on_line=self._handle_line)

    async def connect(self) -> None:
        await self._loop.create_unix_connection(lambda: self, sock=self._fork.channel)
        self._fork.exited.add_done_callback(self._handle_exit)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def dispatch(self, pending: PendingInvocation) -> None:
        """Sends an event. The environment must be idle."""
        self.state = State.BUSY
        self._pending = pending
        if self.invocations == 0:
            pending.init_ms = self.init_ms
        self.invocations += 1
        self.busy_since = pending.started_at = time.monotonic()
        frame = event_frame(
            pending.event, request_id=pending.request_id, deadline=time.time() + self._timeout
        )
        self._timer = self._loop.call_later(self._timeout, self._handle_timeout)
        assert self._transport is not None
        self._transport.write(frame)

    def close(self) -> None:
        """Ends the environment by closing its channel. As on Lambda the function gets no notice."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if not self._received and len(data) == LENGTH.size + LENGTH.unpack_from(data)[0]:
            self._handle_frame(data)
            return
        self._received += data
        if len(self._received) == LENGTH.size + LENGTH.unpack_from(self._received)[0]:
            frame, self._received = bytes(self._received), bytearray()
            self._handle_frame(frame)

    def _handle_frame(self, frame: bytes) -> None:
        self._timer.cancel()
        self.idle_since = time.monotonic()
        _, number, cpu_ns = RESULT_HEADER.unpack_from(frame)
        outcome = Outcome(number)
        if outcome is Outcome.READY:
            self.init_ms = (self.idle_since - self.started_at) * 1000
            self.state = State.IDLE
            self._listener.on_ready(self)
        elif outcome is Outcome.IMPORT_FAILED:
            self._fail_start(InvocationError.IMPORT_FAILED, frame[RESULT_HEADER.size :])
        else:
            self._complete(outcome, payload=frame[RESULT_HEADER.size :], cpu_ns=cpu_ns)

    def _complete(self, outcome: Outcome, *, payload: bytes, cpu_ns: int) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        error = None if outcome is Outcome.RETURNED else InvocationError.UNHANDLED
        if pending.log_lines is not None:
            self._pending = pending
            self._output.drain()
            self._pending = None
        self.state = State.IDLE
        pending.finish(payload, error=error)
        self._listener.on_finished(self, cpu_ns=cpu_ns, error=error)

    def _fail_start(self, error: InvocationError, payload: bytes) -> None:
        self.state = State.TERMINATED
        self._listener.on_start_failed(self, error=error, payload=payload)
        self.close()

    def _handle_timeout(self) -> None:
        self._timed_out = True
        self._kill(self.pid)

    def _handle_exit(self, exited: asyncio.Future[int]) -> None:
        """The process has ended. Our copy of its end of the channel shows whether it had read the
        event. `connection_lost` is called once that copy is closed and all results have been read.
        """
        if self.state is State.TERMINATED:
            return
        self._exit_code = exited.result()
        with self._fork.remote_channel as remote_channel:
            is_unread = self._has_unsent_event() or _has_unread_data(remote_channel)
            self._unread = self._pending is not None and is_unread
        self.retiring = True
        self._listener.on_exit(self)

    def _has_unsent_event(self) -> bool:
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._output.drain()
        self._output.close()
        self._transport = None
        if self._exit_code is None:  # the host closed the channel, the process may still run
            self._fork.remote_channel.close()
        previous_state, self.state = self.state, State.TERMINATED
        pending, self._pending = self._pending, None
        if previous_state is State.STARTING:
            self._listener.on_start_failed(self, error=self.error, payload=b"")
        elif previous_state is not State.TERMINATED:
            self._listener.on_lost(
                self, pending=pending, unread=self._unread and not self._timed_out
            )

    @property
    def error(self) -> InvocationError:
        """Why it ended, when it ended with an event."""
        return InvocationError.TIMED_OUT if self._timed_out else InvocationError.CRASHED

    def exit_reason(self) -> str:
        if self._timed_out:
            return f"Task timed out after {self._timeout:.2f} seconds"
        if self._exit_code is not None and self._exit_code < 0:
            return f"Runtime exited with error: signal: {-self._exit_code}"
        return f"Runtime exited with error: exit status {self._exit_code}"

    def _handle_line(self, line: bytes) -> None:
        request_id = self._pending.request_id if self._pending is not None else ""
        if self._pending is not None and self._pending.log_lines is not None:
            self._pending.log_lines.append(line.decode(errors="replace"))
        self._write_line(line, request_id)


def _has_unread_data(channel: socket.socket) -> bool:
    channel.setblocking(False)
    try:
        return bool(channel.recv(1))
    except BlockingIOError:
        return False
