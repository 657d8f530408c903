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
local function take(key, interval, burst, dry)
  if interval == 0 then return 1, burst, 0, 0 end
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local due = math.max(tonumber(redis.call('GET', key) or 0), now)
  local wait = due + interval - interval * burst - now
  if wait > 0 then return 0, 0, math.ceil(wait / 1000), math.ceil((due - now) / 1000) end
  due = due + interval
  if not dry then
    redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
  end
  return 1, math.floor(burst - (due - now) / interval), 0, math.ceil((due - now) / 1000)
end

local function take_all(count)
  local tightest
  for dry = 1, 0, -1 do
    tightest = nil
    for place = 1, count do
      local interval, burst = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
      local answer = {take(KEYS[place], interval, burst, dry == 1)}
      answer[5] = place
      if not tightest or answer[2] < tightest[2] or answer[3] > tightest[3] then
        tightest = answer
      end
    end
    if tightest[1] == 0 then return tightest end
  end
  return tightest
end

local function give_back(key, interval)
  local due = tonumber(redis.call('GET', key) or 0)
  if due > 0 and interval > 0 then
    redis.call('SET', key, string.format('%.0f', due - interval), 'KEEPTTL')
  end
end
"""
"""`take` counts one request against a key, unless it is `dry`. `take_all` counts it against the
first keys, each with its interval and burst in ARGV, if all of them allow it; it answers as the
tightest does, with its place. `give_back` undoes one `take`.
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
    per_minute: float
    burst: int
    writes: bool = False

    def interval(self, mode: Mode) -> int:
        """Microseconds per request; 0 where limits are off. In an emergency a request costs
        four.
        """
        if rate_limits_are_off():
            return 0
        return int(60_000_000 / self.per_minute) * (4 if mode is Mode.EMERGENCY else 1)


READ = Limit("read", per_minute=1200, burst=300)
WRITE = Limit("write", per_minute=600, burst=120, writes=True)
SEND = Limit("send", per_minute=600, burst=120, writes=True)
SEARCH = Limit("search", per_minute=300, burst=60)
SOCKET = Limit("socket", per_minute=120, burst=60)
ANONYMOUS = Limit("anonymous", per_minute=300, burst=150)
REGISTER = Limit("register", per_minute=60, burst=120)
LOG_IN = Limit("log_in", per_minute=60, burst=120)
REFRESH = Limit("refresh", per_minute=300, burst=150)
UNKNOWN_TOKEN = Limit("unknown_token", per_minute=20, burst=10)
PASSWORD = Limit("password", per_minute=0.1, burst=10)
CODE = Limit("code", per_minute=0.1, burst=10)
ACCOUNT_MAIL = Limit("account_mail", per_minute=0.1, burst=5)
PASSWORD_SHARED = Limit("password_shared", per_minute=0.15, burst=14)
CODE_SHARED = Limit("code_shared", per_minute=0.15, burst=14)

ALL = (
    READ,
    WRITE,
    SEND,
    SEARCH,
    SOCKET,
    ANONYMOUS,
    REGISTER,
    LOG_IN,
    REFRESH,
    UNKNOWN_TOKEN,
    PASSWORD,
    CODE,
    ACCOUNT_MAIL,
    PASSWORD_SHARED,
    CODE_SHARED,
)


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
                f"The limit {self.limit.name!r} is {self.limit.per_minute:g} a minute",
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


def take_all_locally(*budgets: tuple[Limit, str]) -> Allowance:
    """Counts one request against each limit and its subject, up to the first that refuses it;
    returns what the tightest answered.
    """
    answers = []
    for limit, subject in budgets:
        answers.append(take_locally(limit, subject=subject))
        if not answers[-1].allowed:
            return answers[-1]
    return min(answers, key=lambda answer: answer.remaining)


def give_back_locally(limit: Limit, *, subject: str) -> None:
    """Undoes one `take_locally`."""
    if (limit.name, subject) in _due:
        interval = limit.interval(Mode.NORMAL) / 1_000_000 * LOCAL_SHARE
        _due[limit.name, subject] -= interval
