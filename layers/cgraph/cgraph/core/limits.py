"""Rate limits, counted in Valkey by GCRA, so that all processes share one count; without Valkey
each process counts for itself, at a fraction of the limit.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cgraph.core import cache
from cgraph.core.errors import RateLimited
from cgraph.core.log import logger
from cgraph.core.settings import rate_limits_are_off

LOCAL_SHARE = 8
"""Without Valkey each process allows this fraction of a limit, so that a few processes together are
neither unlimited nor closed.
"""

GCRA = """
local function take(key, interval, burst)
  if interval == 0 then return 1, burst, 0, 0 end
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local due = math.max(tonumber(redis.call('GET', key) or 0), now)
  local wait = due + interval - interval * burst - now
  if wait > 0 then return 0, 0, math.ceil(wait / 1000), math.ceil((due - now) / 1000) end
  due = due + interval
  redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
  return 1, math.floor(burst - (due - now) / interval), 0, math.ceil((due - now) / 1000)
end
"""

MODE_SECONDS = 2.0
"""How long a process uses the mode it has read."""

_TAKE = cache.Script(GCRA + "return {take(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))}")


class Mode(StrEnum):
    """The operating mode, kept in Valkey under `mode`; absent means normal."""

    NORMAL = "normal"
    READ_ONLY = "read_only"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Limit:
    """`per_minute` on average, `burst` at once. `writes`: refused while the system is read-only."""

    name: str
    per_minute: int
    burst: int
    writes: bool = False

    def interval(self, mode: Mode) -> int:
        """Microseconds per request; 0 where limits are off. In an emergency a request costs
        four.
        """
        if rate_limits_are_off():
            return 0
        return 60_000_000 // self.per_minute * (4 if mode is Mode.EMERGENCY else 1)


READ = Limit("read", per_minute=1200, burst=300)
WRITE = Limit("write", per_minute=600, burst=120, writes=True)
SEND = Limit("send", per_minute=600, burst=120, writes=True)
SOCKET = Limit("socket", per_minute=120, burst=60)
ANONYMOUS = Limit("anonymous", per_minute=300, burst=150)
REGISTER = Limit("register", per_minute=60, burst=120)
PASSWORD = Limit("password", per_minute=1, burst=10)
CODE = Limit("code", per_minute=1, burst=10)

ALL = (READ, WRITE, SEND, SOCKET, ANONYMOUS, REGISTER, PASSWORD, CODE)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a rate limit answered. Times in milliseconds."""

    limit: Limit
    allowed: bool
    remaining: int
    retry_after_ms: int
    reset_ms: int

    def require(self) -> None:
        """Raises RateLimited."""
        if not self.allowed:
            raise RateLimited(
                f"The limit {self.limit.name!r} is {self.limit.per_minute} a minute",
                retry_after=self.retry_after_ms / 1000,
            )

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit.burst),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(-(-self.reset_ms // 1000)),
        }


def parse_allowance(limit: Limit, answer: list[Any]) -> Allowance:
    """From what `take` returns in Lua: allowed, remaining, wait, reset."""
    return Allowance(limit, bool(answer[0]), int(answer[1]), int(answer[2]), int(answer[3]))


async def take(limit: Limit, *, subject: str) -> Allowance:
    """Counts one request against `subject` (an address, a login). Never raises: without Valkey it
    counts in this process.
    """
    call = _TAKE.call(
        keys=[f"limit:{{{subject}}}:{limit.name}"],
        arguments=[limit.interval(_mode), limit.burst],
    )
    try:
        answer, _ = await run_script(call, script=_TAKE)
    except cache.CacheUnavailable:
        return take_locally(limit, subject=subject)
    return parse_allowance(limit, answer)


_mode = Mode.NORMAL
_mode_read_at = -MODE_SECONDS


def mode() -> Mode:
    """As this process last read it."""
    return _mode


async def run_script(call: cache.Command, *, script: cache.Script) -> tuple[Any, Mode]:
    """The script's answer and the mode, in one round trip. Raises CacheUnavailable."""
    global _mode, _mode_read_at
    now = time.monotonic()
    if now - _mode_read_at < MODE_SECONDS:
        (answer,) = await cache.run(call, scripts=[script])
    else:
        answer, text = await cache.run(call, ("GET", "mode"), scripts=[script])
        _mode, _mode_read_at = _read_mode(text), now
    return answer, _mode


def _read_mode(text: str | None) -> Mode:
    try:
        return Mode(text or Mode.NORMAL)
    except ValueError:
        logger.error("mode_unknown", extra={"mode": text})
        return Mode.NORMAL


_due: dict[tuple[str, str], float] = {}


def take_locally(limit: Limit, *, subject: str) -> Allowance:
    """The same count in this process's memory, at a fraction of the limit."""
    interval = limit.interval(Mode.NORMAL) / 1_000_000 * LOCAL_SHARE
    burst = max(1, limit.burst // LOCAL_SHARE)
    if interval == 0:
        return Allowance(limit, True, burst, 0, 0)
    now = time.monotonic()
    if len(_due) > 10_000:
        _due.clear()
    due = max(_due.get((limit.name, subject), 0.0), now)
    wait = due + interval - interval * burst - now
    if wait > 0:
        return Allowance(limit, False, 0, int(wait * 1000) + 1, int((due - now) * 1000))
    _due[limit.name, subject] = due + interval
    return Allowance(limit, True, int(burst - (due + interval - now) / interval), 0, 0)
