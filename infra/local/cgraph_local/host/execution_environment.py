"""The host's side of one execution environment."""

import asyncio
import socket
import time
from collections.abc import Callable
from enum import Enum
from typing import Protocol, cast

from cgraph_local.host.fork_server_client import Fork
from cgraph_local.host.frames import LENGTH, REPLY, Outcome, event_frame
from cgraph_local.host.invocation import Error
from cgraph_local.host.output_reader import Output
from cgraph_local.host.pending_invocation import Job

INIT_SECONDS = 10.0


class State(Enum):
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    GONE = "gone"


class Owner(Protocol):
    """What an environment tells the pool it belongs to."""

    def ready(self, environment: "Environment") -> None: ...

    def finished(self, environment: "Environment", *, cpu_ns: int, error: Error | None) -> None: ...

    def ended(self, environment: "Environment") -> None: ...

    def lost(self, environment: "Environment", *, job: Job | None, untaken: bool) -> None: ...

    def not_started(self, environment: "Environment", *, error: Error, payload: bytes) -> None: ...


class Environment(asyncio.Protocol):
    def __init__(
        self,
        fork: Fork,
        *,
        born: float,
        owner: Owner,
        timeout: float,
        kill: Callable[[int], None],
        write_line: Callable[[bytes, str], None],
    ) -> None:
        self.pid = fork.pid
        self.state = State.STARTING
        self.invocations = 0
        self.born = born
        self.idle_since = self.busy_since = born
        self.init_ms = 0.0
        self.retiring = False
        """It is to get no further event."""
        self._fork = fork
        self._owner = owner
        self._timeout = timeout
        self._kill = kill
        self._write_line = write_line
        self._job: Job | None = None
        self._overdue = False
        self._untaken = False
        self._exit_code: int | None = None
        self._received = bytearray()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer = self._loop.call_later(INIT_SECONDS, self._time_out)
        self._output = Output(fork.output, on_line=self._hear_line)

    async def connect(self) -> None:
        await self._loop.create_unix_connection(lambda: self, sock=self._fork.channel)
        self._fork.exited.add_done_callback(self._bury)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def give(self, job: Job) -> None:
        self.state = State.BUSY
        self._job = job
        if self.invocations == 0:
            job.cold_ms = self.init_ms
        self.invocations += 1
        self.busy_since = job.began = time.monotonic()
        frame = event_frame(
            job.event, request_id=job.request_id, deadline=time.time() + self._timeout
        )
        self._timer = self._loop.call_later(self._timeout, self._time_out)
        assert self._transport is not None
        self._transport.write(frame)

    def close(self) -> None:
        """End it as Lambda does an idle environment: without a word."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if not self._received and len(data) == LENGTH.size + LENGTH.unpack_from(data)[0]:
            self._answer(data)
            return
        self._received += data
        if len(self._received) == LENGTH.size + LENGTH.unpack_from(self._received)[0]:
            whole, self._received = bytes(self._received), bytearray()
            self._answer(whole)

    def _answer(self, frame: bytes) -> None:
        self._timer.cancel()
        self.idle_since = time.monotonic()
        _, number, cpu_ns = REPLY.unpack_from(frame)
        outcome = Outcome(number)
        if outcome is Outcome.READY:
            self.init_ms = (self.idle_since - self.born) * 1000
            self.state = State.IDLE
            self._owner.ready(self)
        elif outcome is Outcome.IMPORT_FAILED:
            self._end_unstarted(Error.IMPORT_FAILED, frame[REPLY.size :])
        else:
            self._complete(outcome, payload=frame[REPLY.size :], cpu_ns=cpu_ns)

    def _complete(self, outcome: Outcome, *, payload: bytes, cpu_ns: int) -> None:
        job, self._job = self._job, None
        assert job is not None
        error = None if outcome is Outcome.RETURNED else Error.UNHANDLED
        if job.lines is not None:
            self._job = job
            self._output.drain()
            self._job = None
        self.state = State.IDLE
        job.finish(payload, error=error)
        self._owner.finished(self, cpu_ns=cpu_ns, error=error)

    def _end_unstarted(self, error: Error, payload: bytes) -> None:
        self.state = State.GONE
        self._owner.not_started(self, error=error, payload=payload)
        self.close()

    def _time_out(self) -> None:
        self._overdue = True
        self._kill(self.pid)

    def _bury(self, exited: asyncio.Future[int]) -> None:
        """Its process has ended. Our copy of its end of the channel shows whether it had begun.

        Closing that copy is what lets `connection_lost` come, after all it had answered.
        """
        if self.state is State.GONE:
            return
        self._exit_code = exited.result()
        with self._fork.far_channel as far:
            self._untaken = self._job is not None and (self._is_unsent() or _has_unread(far))
        self.retiring = True
        self._owner.ended(self)

    def _is_unsent(self) -> bool:
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._output.drain()
        self._output.close()
        self._transport = None
        if self._exit_code is None:  # we closed it
            self._fork.far_channel.close()
        was, self.state = self.state, State.GONE
        job, self._job = self._job, None
        if was is State.STARTING:
            self._owner.not_started(self, error=self.error, payload=b"")
        elif was is not State.GONE:
            self._owner.lost(self, job=job, untaken=self._untaken and not self._overdue)

    @property
    def error(self) -> Error:
        return Error.TIMED_OUT if self._overdue else Error.CRASHED

    def why_gone(self) -> str:
        if self._overdue:
            return f"Task timed out after {self._timeout:.2f} seconds"
        if self._exit_code is not None and self._exit_code < 0:
            return f"Runtime exited with error: signal: {-self._exit_code}"
        return f"Runtime exited with error: exit status {self._exit_code}"

    def _hear_line(self, line: bytes) -> None:
        request_id = self._job.request_id if self._job is not None else ""
        if self._job is not None and self._job.lines is not None:
            self._job.lines.append(line.decode(errors="replace"))
        self._write_line(line, request_id)


def _has_unread(channel: socket.socket) -> bool:
    channel.setblocking(False)
    try:
        return bool(channel.recv(1))
    except BlockingIOError:
        return False
