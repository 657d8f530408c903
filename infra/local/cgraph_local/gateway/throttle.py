"""The token bucket by which API Gateway throttles."""

import time
from collections.abc import Callable

ACCOUNT_RATE = 10_000.0
ACCOUNT_BURST = 5_000
"""The limits of an account in a Region. They apply when the stage has none of its own."""


class TokenBucket:
    __slots__ = ("_burst", "_clock", "_rate", "_tokens", "_updated_at")

    def __init__(
        self, *, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._updated_at = clock()

    @classmethod
    def of_stage(cls, *, rate: float | None, burst: int | None) -> "TokenBucket":
        return cls(
            rate=ACCOUNT_RATE if rate is None else rate,
            burst=ACCOUNT_BURST if burst is None else burst,
        )

    def take(self) -> bool:
        """Takes a token. False when there is none."""
        now = self._clock()
        tokens = min(self._burst, self._tokens + (now - self._updated_at) * self._rate)
        self._updated_at = now
        if tokens < 1.0:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1.0
        return True
