"""What a caller's reads must have: what they have written, and what an event has told them of.

Valkey keeps the time of the last of these for each user, in the slot of their sessions, so that
admission reads it in its one call. A write is marked when it is admitted, so that no mark is
missing however the request ends; WRITE_MS is the time that it then has until it commits. A session
that Valkey does not know leaves a mark too, since Valkey may just have lost one.

Without a reader nothing is marked.
"""

import time
from collections.abc import Collection
from contextlib import suppress

from cgraph.core import cache
from cgraph.core.ids import UserId
from cgraph.core.settings import settings

WRITE_MS = 2000
LAG_MS_MAX = 5000
"""A reader that is further behind is not used."""

MARK = f"""
local function mark_change(key)
  local time = redis.call('TIME')
  redis.call('SET', key, time[1] * 1000 + math.floor(time[2] / 1000), 'PX', {WRITE_MS + LAG_MS_MAX})
end

local function since_change(key)
  local mark = redis.call('GET', key)
  if not mark then return -1 end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000) - mark
end
"""
"""`mark_change` marks now; `since_change` returns the milliseconds since, or -1 if it has been so
long that it no longer matters. The key is that of one user.
"""

_MARK = cache.Script(MARK + "mark_change(KEYS[1])")

_admitted: tuple[UserId, float] | None = None
"""The write that this process has admitted last, and when."""


def key_of(user_id: UserId | str) -> str:
    return f"changed:{{{user_id}}}"


def lag_ms_at_most(since: int) -> int:
    """How far the reader may be behind for somebody whose last change was admitted `since`
    milliseconds ago (-1: long ago).
    """
    return LAG_MS_MAX if since < 0 else min(max(0, since - WRITE_MS), LAG_MS_MAX)


async def mark(user_ids: Collection[UserId]) -> None:
    """In one round trip, if there is a reader. Raises CacheUnavailable."""
    if user_ids and settings().has_reader:
        calls = [_MARK.call(keys=[key_of(user)], arguments=[]) for user in user_ids]
        await cache.run(*calls, scripts=[_MARK])


async def try_mark(user_id: UserId) -> None:
    """Without Valkey nothing is marked, and all reads are at the primary."""
    with suppress(cache.CacheUnavailable):
        await mark([user_id])


def write_admitted(user_id: UserId) -> None:
    """The mark of this user is set. A process handles one request at a time."""
    global _admitted
    _admitted = (user_id, time.monotonic())


def take_slow_write() -> UserId | None:
    """The user of the write that was admitted, if it may have committed too late for its mark, so
    that they must be marked again.
    """
    global _admitted
    admitted, _admitted = _admitted, None
    if admitted is None or time.monotonic() - admitted[1] < WRITE_MS / 2000:
        return None
    return admitted[0]
