"""What changes too often to be told each time is held back and told together, lane by lane.

All of a stream is in Valkey under one hash tag, so a change is one script in one slot: it notes the
change and says what to do about it. Where that is to look again later, a `due` job goes to the
socket queue.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime.subscription_store import Look, focus_key, parse_looks, tag


@dataclass(frozen=True, slots=True)
class Lane:
    """At most one push to a listener in `window` seconds."""

    name: str
    window: int


PRESENCE = Lane("presence", window=5)
"""Who is there, and who types."""

RECEIPTS = Lane("receipts", window=2)
HEADS = Lane("heads", window=1)
SCORES = Lane("scores", window=2)

AT_ONCE = 2**53
"""A lane's `lead` that is told at once, however many members the stream has."""

NOT_AT_ONCE = -1

SCRIPT = """
local LOST_MS, KEPT_SECONDS, EARLY_MS = 5000, 60, 100
local focus, members, held, told, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local window, now = tonumber(ARGV[1]), tonumber(redis.call('TIME')[1])

local function is_live(look) return tonumber(string.match(look, ' (%d+) ') or 0) > now end
local function user_of(look) return string.match(look, '%S+') end

local function tell()
  local changes = redis.call('HGETALL', held)
  redis.call('DEL', held)
  redis.call('SET', told, 1, 'PX', window)
  return {'tell', changes, redis.call('HGETALL', focus), redis.call('GET', members)}
end

local function later(wait)
  local seconds = math.ceil(wait / 1000)
  local mine = redis.call('SET', due, 1, 'NX', 'PX', seconds * 1000 + LOST_MS)
  return mine and {'due', seconds} or {'held'}
end

-- Told at once only where the lane was silent and the stream has at most `lead` members; not even
-- noted where fewer than `least` sockets look.
local function hold(changes, lead, least)
  if redis.call('HLEN', focus) < least then return {'held'} end
  redis.call('HSET', held, unpack(changes))
  redis.call('EXPIRE', held, KEPT_SECONDS)
  local wait = redis.call('PTTL', told)
  if wait > 0 then return later(wait) end
  if tonumber(redis.call('GET', members) or 0) > lead then return later(window) end
  return tell()
end
"""
"""What the scripts of this lane's changes begin with."""

HOLD = cache.Script(SCRIPT + "return hold({unpack(ARGV, 4)}, tonumber(ARGV[2]), tonumber(ARGV[3]))")
_TAKE = cache.Script(
    SCRIPT
    + """
redis.call('DEL', due)
if redis.call('EXISTS', held) == 0 then return {'held'} end
local wait = redis.call('PTTL', told)
if wait > EARLY_MS then return later(wait) end
return tell()
"""
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changes`: what was held is to be told now, to those in `focus`. `due_in`: a job is to look
    again in so many seconds. Neither: a job is on its way, or nobody is there.

    `members`: of the stream, where they are many.
    """

    stream: Stream
    lane: Lane
    changes: Mapping[str, str] = field(default_factory=dict)
    focus: Mapping[str, Look] = field(default_factory=dict)
    members: int = 0
    due_in: int | None = None


def call(script: cache.Script, stream: Stream, lane: Lane, *arguments: str | int) -> cache.Command:
    """Of a script that begins with SCRIPT."""
    held, told, due = (f"{what}:{tag(stream)}:{lane.name}" for what in ("held", "told", "due"))
    keys = [focus_key(stream), f"members:{tag(stream)}", held, told, due]
    return script.call(keys=keys, arguments=[lane.window * 1000, *arguments])


def holding(
    stream: Stream, lane: Lane, changes: Mapping[str, str | int], *, lead: int, least: int
) -> cache.Command:
    """A call of HOLD, whose answer `outcome` reads."""
    pairs = [part for change in changes.items() for part in change]
    return call(HOLD, stream, lane, lead, least, *pairs)


async def hold(
    stream: Stream, lane: Lane, changes: Mapping[str, str | int], *, lead: int, least: int
) -> Outcome:
    """Raises CacheUnavailable."""
    command = holding(stream, lane, changes, lead=lead, least=least)
    (answer,) = await cache.run(command, scripts=[HOLD])
    return outcome(stream, lane, answer)


async def take(stream: Stream, lane: Lane) -> Outcome:
    """What a due job finds. Raises CacheUnavailable."""
    (answer,) = await cache.run(call(_TAKE, stream, lane), scripts=[_TAKE])
    return outcome(stream, lane, answer)


def outcome(stream: Stream, lane: Lane, answer: Sequence[Any]) -> Outcome:
    """From what `hold` returns in Lua."""
    match answer:
        case ["tell", changes, looks, members]:
            focus = parse_looks(paired(looks))
            return Outcome(stream, lane, paired(changes), focus, int(members or 0))
        case ["due", seconds]:
            return Outcome(stream, lane, due_in=seconds)
    return Outcome(stream, lane)


def paired(flat: Sequence[str]) -> dict[str, str]:
    """A hash, as a script returns it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def look_again(outcomes: Iterable[Outcome]) -> None:
    """Sends the due jobs. Raises QueueUnavailable."""
    waiting = defaultdict(list)
    for each in outcomes:
        if each.due_in is not None:
            due = {"lane": each.lane.name, "stream": str(each.stream)}
            waiting[each.due_in].append(encode_json({"due": due}))
    for seconds, jobs in waiting.items():
        for start in range(0, len(jobs), queues.BATCH):
            batch = jobs[start : start + queues.BATCH]
            queues.send(settings().socket_queue_url, batch, delay_seconds=seconds)
