"""A process as it is written down, so that it can be told from a later one with its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

# The system clock may have been set since; process start times follow it.
TOLERANCE = 3.0


@dataclass(frozen=True, slots=True)
class Trace:
    """Its number and when it started (seconds since 1970)."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Trace:
        return cls(pid=pid, started=psutil.Process(pid).create_time())

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Trace | None:
        pid, started = entry.get("pid"), entry.get("started")
        if isinstance(pid, int) and isinstance(started, int | float):
            return cls(pid=pid, started=float(started))
        return None

    def find(self) -> psutil.Process | None:
        """The process itself, or None when it is gone or the pid is another's by now."""
        try:
            process = psutil.Process(self.pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            same = abs(process.create_time() - self.started) < TOLERANCE
        except psutil.NoSuchProcess:
            return None
        return process if alive and same else None
