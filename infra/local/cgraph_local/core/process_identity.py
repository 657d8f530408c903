"""The identity of a process: a pid alone may be reused by a later process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

# Seconds. Start times follow the system clock, which may have been set since.
START_TIME_TOLERANCE = 3.0


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """The pid and the start time in seconds since 1970."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity:
        """Raises psutil.NoSuchProcess."""
        return cls(pid=pid, started=psutil.Process(pid).create_time())

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> ProcessIdentity | None:
        """From an entry of run.json; None when it names no process."""
        pid, started = entry.get("pid"), entry.get("started")
        if isinstance(pid, int) and isinstance(started, int | float):
            return cls(pid=pid, started=float(started))
        return None

    def find(self) -> psutil.Process | None:
        """The process, or None when it has ended or the pid now belongs to another process."""
        try:
            process = psutil.Process(self.pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            same = abs(process.create_time() - self.started) < START_TIME_TOLERANCE
        except psutil.NoSuchProcess:
            return None
        return process if alive and same else None
