"""A service's process: started in a session of its own, watched, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from cgraph_local.core.process_identity import Trace

LAUNCHER = Path(__file__).with_name("launcher.py")
LOG_LIMIT = 10_000_000

# Each signal with the seconds it is given before the next one; SIGKILL follows the last.
StopSignals = Sequence[tuple[signal.Signals, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to execute; `signal_on_parent_death` lets it end well when we are killed."""

    program: Path
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    descriptors: Sequence[int] = ()
    signal_on_parent_death: signal.Signals = signal.SIGTERM


class Process:
    """One running child; the lines it logged since its start are `output()`."""

    def __init__(self, child: asyncio.subprocess.Process, *, log: Path, log_start: int) -> None:
        self._child = child
        self._log_start = log_start
        self.log = log
        self.pid = child.pid
        self.trace = trace_of(child.pid)

    @classmethod
    async def start(cls, command: Command) -> Process:
        """Must be called from a thread that lives on: the kernel counts its end as the parent's.

        The command's descriptors are the child's afterwards, closed here.
        """
        rotate(command.log)
        try:
            return await cls._start(command)
        finally:
            for descriptor in command.descriptors:
                os.close(descriptor)

    @classmethod
    async def _start(cls, command: Command) -> Process:
        with command.log.open("ab") as log:
            position = log.tell()
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", str(LAUNCHER),
                str(os.getpid()), str(int(command.signal_on_parent_death)), command.user or "-",
                str(command.program), *command.arguments,
                env={**plain_environment(), **command.environment},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=command.descriptors, start_new_session=True, cwd="/",
            )  # fmt: skip
        return cls(child, log=command.log, log_start=position)

    @property
    def running(self) -> bool:
        return self._child.returncode is None

    @property
    def killed(self) -> bool:
        return self._child.returncode is not None and self._child.returncode < 0

    async def wait(self) -> int:
        return await self._child.wait()

    def output(self, *, limit: int = 3_000) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")[-limit:]

    async def end(self, signals: StopSignals) -> None:
        for number, seconds in (*signals, (signal.SIGKILL, 10.0)):
            if not self.running:
                return
            with suppress(ProcessLookupError):
                self._child.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._child.wait(), seconds)
        if self.running:
            raise TimeoutError(f"process {self.pid} does not end, even on SIGKILL")


def plain_environment() -> dict[str, str]:
    """Nothing of the person's shell may change how a service behaves (PGPORT, PYTHONPATH …)."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".1.log"))


def trace_of(pid: int) -> Trace | None:
    """None when it is already gone."""
    try:
        return Trace.of(pid)
    except psutil.NoSuchProcess:
        return None
