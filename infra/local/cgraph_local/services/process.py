"""The process of a service, which runs in a session of its own."""

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

from cgraph_local.core.process_identity import ProcessIdentity

LAUNCHER = Path(__file__).with_name("launcher.py")
LOG_LIMIT_BYTES = 10_000_000

StopSignals = Sequence[tuple[signal.Signals, float]]
"""Signals, each with the seconds to wait before the next one. SIGKILL follows the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to execute, as which `user`, with which `descriptors`.

    `signal_on_parent_death`: sent to the service when the local cloud is killed (Linux).
    """

    program: Path
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    descriptors: Sequence[int] = ()
    signal_on_parent_death: signal.Signals = signal.SIGTERM


class Process:
    """A child process and its log file."""

    def __init__(self, child: asyncio.subprocess.Process, *, log: Path, log_start: int) -> None:
        self._child = child
        self._log_start = log_start
        self.log = log
        self.pid = child.pid
        self.identity = find_identity(child.pid)

    @classmethod
    async def start(cls, command: Command) -> Process:
        """Must be called from a thread that does not end before the service: for the kernel the
        end of that thread is the death of the parent. Closes the command's descriptors in this
        process once the child has them.
        """
        rotate_log(command.log)
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
                env={**clean_environment(), **command.environment},
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
        """The last `limit` characters that the process has logged since its start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")[-limit:]

    async def terminate(self, signals: StopSignals) -> None:
        """Returns when the process has ended. Raises TimeoutError."""
        for number, seconds in (*signals, (signal.SIGKILL, 10.0)):
            if not self.running:
                return
            with suppress(ProcessLookupError):
                self._child.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._child.wait(), seconds)
        if self.running:
            raise TimeoutError(f"process {self.pid} does not end, even on SIGKILL")


def clean_environment() -> dict[str, str]:
    """No variable of the user's shell (PGPORT, PYTHONPATH …) may change how a service behaves."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def rotate_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".1.log"))


def find_identity(pid: int) -> ProcessIdentity | None:
    """None when the process has already ended."""
    try:
        return ProcessIdentity.of(pid)
    except psutil.NoSuchProcess:
        return None
