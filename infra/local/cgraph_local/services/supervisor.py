"""Keeps a service running: starts it again on its port when it ends unexpectedly."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cgraph_local.core.progress import Progress
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.process import Command, Process, StopSignals

MAX_RESTARTS, RESTART_WINDOW = 20, 60.0
"""A service that ends so often within these seconds has failed for good. Proofs kill services a few
times a minute."""
TRANSIENT_ERRORS = ("in use", "pre-existing shared memory block", "already used by a different")
"""What services log in states that pass by themselves: the previous process still holds the port,
or the backends of a killed postmaster have not ended yet.
"""


class Service(Protocol):
    name: str
    port: int
    stop_signals: StopSignals
    start_seconds: float
    """How long a start may take on a busy machine."""

    def choose_ports(self) -> None:
        """Sets `port` to a free one."""

    async def command(self) -> Command:
        """Prepares the service (creates its data, repairs it) and returns what to execute."""

    async def is_ready(self) -> bool: ...

    async def after_start(self) -> Sequence[str]:
        """Runs once the service is ready. Returns notices for the console."""


class Supervisor:
    """Starts, restarts and stops a service.

    While `hold_file` exists a service that has ended is not started again, so that a test in
    another process can make an outage. `failed` is set when the service has failed for good.
    """

    def __init__(
        self,
        service: Service,
        *,
        progress: Progress,
        hold_file: Path,
        on_change: Callable[[], None],
    ) -> None:
        self.service = service
        self.process: Process | None = None
        self.ready = False
        self.failed: asyncio.Future[ServiceFailed] = asyncio.get_running_loop().create_future()
        self._progress = progress
        self._hold_file = hold_file
        self._on_change = on_change
        self._exit_times: deque[float] = deque(maxlen=MAX_RESTARTS)
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the service is ready. Raises ServiceFailed."""
        if self.process is not None:
            return
        started_at = time.monotonic()
        notices = await self._start_process()
        self._watcher = asyncio.create_task(
            self._watch_process(), name=f"watch {self.service.name}"
        )
        duration = time.monotonic() - started_at
        self._progress.print(
            f"{self.service.name} on 127.0.0.1:{self.service.port} ({duration:.1f} s)"
        )
        for notice in notices:
            self._progress.print(notice)

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        await self._stop_process()

    async def _start_process(self) -> Sequence[str]:
        deadline = time.monotonic() + self.service.start_seconds
        may_change_port = self.service.port == 0
        if may_change_port:
            self.service.choose_ports()
        try:
            while (notices := await self._try_start(deadline)) is None:
                if may_change_port:
                    self.service.choose_ports()
                await asyncio.sleep(0.2)
        except BaseException:
            await self._stop_process()
            raise
        self.ready = True
        self._on_change()
        return notices

    async def _try_start(self, deadline: float) -> Sequence[str] | None:
        """The notices once the service is ready; None when it ended because of a transient
        error.
        """
        process = await Process.start(await self.service.command())
        self.process = process
        self._on_change()
        while process.running and time.monotonic() < deadline:
            if await self.service.is_ready() and process.running:
                return await self._run_after_start(process)
            await asyncio.sleep(0.02)
        output = process.output()
        is_transient = process.killed or any(text in output for text in TRANSIENT_ERRORS)
        if process.running or not is_transient or time.monotonic() > deadline:
            reason = (
                f"was not ready in {self.service.start_seconds:.0f} s"
                if process.running
                else "did not start"
            )
            raise ServiceFailed(self.service.name, reason=reason, log=process.log, tail=output)
        return None

    async def _run_after_start(self, process: Process) -> Sequence[str] | None:
        try:
            return await self.service.after_start()
        except ServiceFailed:
            # When the process was killed meanwhile, that is the reason.
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 1)
            if process.killed:
                return None
            raise

    async def _watch_process(self) -> None:
        try:
            while True:
                assert self.process is not None
                await self._restart(self.process, code=await self.process.wait())
        except ServiceFailed as failure:
            self.failed.set_result(failure)
        except Exception as error:
            unexpected = ServiceFailed(
                self.service.name, reason=f"could not be restarted: {error!r}"
            )
            unexpected.__cause__ = error
            self.failed.set_result(unexpected)

    async def _restart(self, process: Process, *, code: int) -> None:
        self.process, self.ready = None, False
        self._on_change()
        end = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        now = time.monotonic()
        self._exit_times.append(now)
        if len(self._exit_times) == MAX_RESTARTS and now - self._exit_times[0] < RESTART_WINDOW:
            reason = f"{end}, {MAX_RESTARTS} times in a minute"
            raise ServiceFailed(
                self.service.name, reason=reason, log=process.log, tail=process.output()
            )
        self._progress.print(f"{self.service.name} {end}: starting it again (log: {process.log})")
        while self._hold_file.exists():
            await asyncio.sleep(0.05)
        await self._start_process()
        self._progress.print(f"{self.service.name} is back on 127.0.0.1:{self.service.port}")

    async def _stop_process(self) -> None:
        process, self.process, self.ready = self.process, None, False
        if process is not None:
            await process.terminate(self.service.stop_signals)
            self._on_change()
