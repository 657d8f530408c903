"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass


def spread(seconds: float) -> float:
    """Any time up to this one, so that many clients do not act at once."""
    return random.uniform(0, seconds)  # noqa: S311  (no secret)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with full jitter: thousands of clients that fell together rise apart."""

    base: float = 0.5
    cap: float = 30.0

    def delay(self, attempt: int, *, at_least: float | None = None) -> float:
        """Seconds to wait after failure number `attempt`, counted from 0."""
        ceiling = min(self.cap, self.base * 2.0 ** min(attempt, 32))
        return (at_least or 0.0) + spread(ceiling)
