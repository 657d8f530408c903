"""What a person sees while something takes time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(slots=True)
class Progress:
    """Lines with the seconds since it was made; `stream=None` is silent (tests)."""

    stream: TextIO | None = field(default_factory=lambda: sys.stdout)
    started: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        if self.stream is not None:
            elapsed = time.monotonic() - self.started
            print(f"{elapsed:6.1f} s  {line}", file=self.stream, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Says what was done once it is, with its own seconds; a failure speaks for itself."""
        started = time.monotonic()
        yield
        self.say(f"{what} ({time.monotonic() - started:.1f} s)")
