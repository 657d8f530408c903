"""Keeps one service running on its port until told otherwise."""

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

START_TIMEOUT = 30.0
# A proof kills a service a few times a minute; more than this is a service that cannot live.
MOST_DEATHS, DEATHS_WINDOW = 20, 60.0
# What a service says of a state that passes by itself: the port of a predecessor not yet free, or
# the backends of a killed postmaster still at their last breath.
PASSING = ("in use", "pre-existing shared memory block", "already used by a different")


class Service(Protocol):
    name: str
    port: int
    stop_signals: StopSignals

    def choose_ports(self) -> None: ...

    async def command(self) -> Command:
        """Prepares what the service needs (data, repair) and says what to execute."""

    async def is_ready(self) -> bool: ...

    async def settle(self) -> Sequence[str]:
        """Does what needs the service to answer; returns what the person should know."""


class Supervisor:
    """Starts a service, starts it again when it dies, stops it.

    A file at `hold` keeps a dead one down, so that a test in another process can have an outage.
    """

    def __init__(
        self, service: Service, *, progress: Progress, hold: Path, changed: Callable[[], None]
    ) -> None:
        self.service = service
        self.process: Process | None = None
        self.ready = False
        self.failed: asyncio.Future[ServiceFailed] = asyncio.get_running_loop().create_future()
        self._progress = progress
        self._hold = hold
        self._changed = changed
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self.process is not None:
            return
        began = time.monotonic()
        notes = await self._bring_up()
        self._watch = asyncio.create_task(self._keep_up(), name=f"watch {self.service.name}")
        took = time.monotonic() - began
        self._progress.say(f"{self.service.name} on 127.0.0.1:{self.service.port} ({took:.1f} s)")
        for note in notes:
            self._progress.say(note)

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self._end()

    async def _bring_up(self) -> Sequence[str]:
        deadline = time.monotonic() + START_TIMEOUT
        may_move = self.service.port == 0
        if may_move:
            self.service.choose_ports()
        try:
            while (notes := await self._attempt(deadline)) is None:
                if may_move:
                    self.service.choose_ports()
                await asyncio.sleep(0.2)
        except BaseException:
            await self._end()
            raise
        self.ready = True
        self._changed()
        return notes

    async def _attempt(self, deadline: float) -> Sequence[str] | None:
        """Its notes once it answers; None when it ended for a reason that passes."""
        process = await Process.start(await self.service.command())
        self.process = process
        self._changed()
        while process.running and time.monotonic() < deadline:
            if await self.service.is_ready() and process.running:
                return await self._settle(process)
            await asyncio.sleep(0.02)
        output = process.output()
        passing = process.killed or any(words in output for words in PASSING)
        if process.running or not passing or time.monotonic() > deadline:
            why = f"was not ready in {START_TIMEOUT:.0f} s" if process.running else "did not start"
            raise ServiceFailed(self.service.name, why=why, log=process.log, tail=output)
        return None

    async def _settle(self, process: Process) -> Sequence[str] | None:
        try:
            return await self.service.settle()
        except ServiceFailed:
            # Killed in the middle of it, or really unable?
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 1)
            if process.killed:
                return None
            raise

    async def _keep_up(self) -> None:
        try:
            while True:
                assert self.process is not None
                await self._after_death(self.process, code=await self.process.wait())
        except ServiceFailed as failure:
            self.failed.set_result(failure)
        except Exception as error:
            unexpected = ServiceFailed(self.service.name, why=f"could not be restarted: {error!r}")
            unexpected.__cause__ = error
            self.failed.set_result(unexpected)

    async def _after_death(self, process: Process, *, code: int) -> None:
        self.process, self.ready = None, False
        self._changed()
        how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == MOST_DEATHS and now - self._deaths[0] < DEATHS_WINDOW:
            why = f"{how}, {MOST_DEATHS} times in a minute"
            raise ServiceFailed(self.service.name, why=why, log=process.log, tail=process.output())
        self._progress.say(f"{self.service.name} {how}: starting it again (log: {process.log})")
        while self._hold.exists():
            await asyncio.sleep(0.05)
        await self._bring_up()
        self._progress.say(f"{self.service.name} is back on 127.0.0.1:{self.service.port}")

    async def _end(self) -> None:
        process, self.process, self.ready = self.process, None, False
        if process is not None:
            await process.end(self.service.stop_signals)
            self._changed()
