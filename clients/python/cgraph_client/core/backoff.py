"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass


def jitter(seconds: float) -> float:
    """A random time between 0 and `seconds`, so that many clients do not act at once."""
    return random.uniform(0, seconds)  # noqa: S311  (no secret)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter, so that thousands of clients that lost their
    connection together do not come back together. `base` and `cap` are in seconds."""

    base: float = 0.5
    cap: float = 30.0

    def delay(self, attempt: int, *, at_least: float | None = None) -> float:
        """Returns the seconds to wait after failure number `attempt`, counted from 0. `at_least`
        is the time that the server asked for; it is added."""
        ceiling = min(self.cap, self.base * 2.0 ** min(attempt, 32))
        return (at_least or 0.0) + jitter(ceiling)
