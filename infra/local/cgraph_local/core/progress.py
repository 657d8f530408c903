"""Progress messages on the console."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(slots=True)
class Progress:
    """Prints lines with the seconds since it was made; `stream=None` prints nothing (tests)."""

    stream: TextIO | None = field(default_factory=lambda: sys.stdout)
    started: float = field(default_factory=time.monotonic)

    def print(self, line: str) -> None:
        if self.stream is not None:
            elapsed = time.monotonic() - self.started
            print(f"{elapsed:6.1f} s  {line}", file=self.stream, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Prints the step's name and duration when it has succeeded; nothing when it raises."""
        started = time.monotonic()
        yield
        self.print(f"{name} ({time.monotonic() - started:.1f} s)")
