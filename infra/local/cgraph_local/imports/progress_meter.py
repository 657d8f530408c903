"""Shows the progress of a long read or write."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from cgraph_local.core.progress import Progress

INTERVAL_SECONDS = 2.0


@dataclass(slots=True)
class ProgressMeter:
    """Prints every two seconds which share of `total` (bytes or rows) is done."""

    progress: Progress
    name: str
    total: int
    rows: int = 0
    """The caller counts the rows, for the rate."""
    _started_at: float = field(default_factory=time.monotonic)
    _printed_at: float = field(default_factory=time.monotonic)

    def update(self, done: int) -> None:
        """`done`: bytes or rows, in the unit of `total`."""
        now = time.monotonic()
        if now - self._printed_at >= INTERVAL_SECONDS:
            self._printed_at = now
            percent = min(100, done * 100 // max(1, self.total))
            self.progress.print(f"{self.name}: {percent} %, {self._rate()}")

    def finish(self) -> None:
        self.progress.print(f"{self.name}: {self._rate()}")

    def _rate(self) -> str:
        seconds = max(0.001, time.monotonic() - self._started_at)
        return f"{self.rows:,} rows, {self.rows / seconds:,.0f}/s"
