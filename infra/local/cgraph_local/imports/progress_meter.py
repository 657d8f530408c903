"""How far a long reading or writing has come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from cgraph_local.core.progress import Progress

EVERY_SECONDS = 2.0


@dataclass(slots=True)
class Meter:
    """Says now and then what share of `whole` (bytes or rows, as `at` counts) is behind."""

    progress: Progress
    what: str
    whole: int
    rows: int = 0
    _began: float = field(default_factory=time.monotonic)
    _said: float = field(default_factory=time.monotonic)

    def reached(self, at: int) -> None:
        now = time.monotonic()
        if now - self._said >= EVERY_SECONDS:
            self._said = now
            share = min(100, at * 100 // max(1, self.whole))
            self.progress.print(f"{self.what}: {share} %, {self._pace()}")

    def done(self) -> None:
        self.progress.print(f"{self.what}: {self._pace()}")

    def _pace(self) -> str:
        seconds = max(0.001, time.monotonic() - self._began)
        return f"{self.rows:,} rows, {self.rows / seconds:,.0f}/s"
