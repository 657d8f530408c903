"""Coalesces frequent updates of one kind, so that a client gets at most one push per window.

An update goes into a buffer of its stream and channel in Valkey. All keys of a stream have one hash
tag, so that buffering is one script in one slot: it stores the update and answers what to do next.
Where that is to flush the buffer later, a flush job goes to the socket queue.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime.hidden_users import HiddenUsers, hidden_key, parse_hidden
from cgraph.realtime.subscription_store import (
    Subscriber,
    hash_tag,
    parse_subscribers,
    subscribers_key,
)


@dataclass(frozen=True, slots=True)
class Channel:
    """Updates of one kind; a subscriber gets at most one push of them in `window` seconds."""

    name: str
    window: int


PRESENCE = Channel("presence", window=5)
"""Who is present, and who is typing."""

RECEIPTS = Channel("receipts", window=2)
HEADS = Channel("heads", window=1)
SCORES = Channel("scores", window=2)

ANY_MEMBER_COUNT = 2**53
"""A `member_limit` for channels that publish at once however many members the stream has."""

NEVER_AT_ONCE = -1

PRELUDE = """
local LOST_MS, KEPT_SECONDS, EARLY_MS, TYPING_SECONDS = 5000, 60, 100, 7
local subscribers, members, hidden, typing = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local buffered, published, scheduled = KEYS[5], KEYS[6], KEYS[7]
local window, now = tonumber(ARGV[1]), tonumber(redis.call('TIME')[1])

local function is_live(subscriber)
  return tonumber(string.match(subscriber, ' (%d+) ') or 0) > now
end
local function user_of(subscriber) return string.match(subscriber, '%S+') end

-- Of each user: `told:`, until when the subscribers show the user as typing.
local function remember_typing(updates)
  for field = 1, #updates, 2 do
    local user = string.match(updates[field], '^t:(.+)')
    if user and updates[field + 1] == '1' then
      redis.call('HSET', typing, 'told:' .. user, now + TYPING_SECONDS)
      redis.call('EXPIRE', typing, KEPT_SECONDS)
    elseif user then
      redis.call('HDEL', typing, 'told:' .. user)
    end
  end
end

-- Drops what is held back about the user's typing. Returns whether subscribers still show it.
local function end_typing(user)
  local told = tonumber(redis.call('HGET', typing, 'told:' .. user) or 0)
  local held_back = redis.call('HGET', buffered, 't:' .. user)
  redis.call('HDEL', buffered, 't:' .. user)
  redis.call('HDEL', typing, 'told:' .. user, 'by:' .. user)
  return told > now or held_back == '0'
end

local function publish()
  local updates = redis.call('HGETALL', buffered)
  redis.call('DEL', buffered)
  redis.call('SET', published, 1, 'PX', window)
  remember_typing(updates)
  return {'publish', updates, redis.call('HGETALL', subscribers), redis.call('GET', members),
          redis.call('HKEYS', hidden)}
end

local function later(wait)
  local seconds = math.ceil(wait / 1000)
  local first = redis.call('SET', scheduled, 1, 'NX', 'PX', seconds * 1000 + LOST_MS)
  return first and {'schedule', seconds} or {'buffered'}
end

-- Publishes at once only where nothing was published within the window and the stream has at most
-- `member_limit` members. Does not even store the updates where there are fewer subscribers than
-- `min_subscribers`.
local function buffer(updates, member_limit, min_subscribers)
  if redis.call('HLEN', subscribers) < min_subscribers then return {'buffered'} end
  redis.call('HSET', buffered, unpack(updates))
  redis.call('EXPIRE', buffered, KEPT_SECONDS)
  local wait = redis.call('PTTL', published)
  if wait > 0 then return later(wait) end
  if tonumber(redis.call('GET', members) or 0) > member_limit then return later(window) end
  return publish()
end
"""
"""What every script that buffers or flushes begins with."""

BUFFER = cache.Script(
    PRELUDE + "return buffer({unpack(ARGV, 4)}, tonumber(ARGV[2]), tonumber(ARGV[3]))"
)
_FLUSH = cache.Script(
    PRELUDE
    + """
redis.call('DEL', scheduled)
if redis.call('EXISTS', buffered) == 0 then return {'buffered'} end
local wait = redis.call('PTTL', published)
if wait > EARLY_MS then return later(wait) end
return publish()
"""
)


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What to do after an update was buffered, or a buffer was flushed.

    `updates`: to publish now, to the `subscribers` (by connection id). `flush_in`: seconds after
    which a job is to flush the buffer. Neither: a job is scheduled already, or nobody is
    subscribed.

    `member_count`: of the stream, where it is large; else 0. `hidden`: see hidden_users.
    """

    stream: Stream
    channel: Channel
    updates: Mapping[str, str] = field(default_factory=dict)
    subscribers: Mapping[str, Subscriber] = field(default_factory=dict)
    member_count: int = 0
    hidden: HiddenUsers = field(default_factory=dict)
    flush_in: int | None = None


def script_call(
    script: cache.Script, stream: Stream, channel: Channel, *arguments: str | int
) -> cache.Command:
    """A call of a script that begins with PRELUDE."""
    tag = hash_tag(stream)
    keys = [
        subscribers_key(stream),
        f"members:{tag}",
        hidden_key(stream),
        f"typing:{tag}",
        *(f"{kind}:{tag}:{channel.name}" for kind in ("buffered", "published", "scheduled")),
    ]
    return script.call(keys=keys, arguments=[channel.window * 1000, *arguments])


def typing_keys(stream: Stream) -> list[str]:
    """The subscribers of a stream, who of them types, and what is held back about that."""
    tag = hash_tag(stream)
    return [subscribers_key(stream), f"typing:{tag}", f"buffered:{tag}:{PRESENCE.name}"]


def buffer_command(
    stream: Stream,
    channel: Channel,
    updates: Mapping[str, str | int],
    *,
    member_limit: int,
    min_subscribers: int,
) -> cache.Command:
    """A call of BUFFER, whose answer `parse_flush` reads."""
    pairs = [part for update in updates.items() for part in update]
    return script_call(BUFFER, stream, channel, member_limit, min_subscribers, *pairs)


async def buffer(
    stream: Stream,
    channel: Channel,
    updates: Mapping[str, str | int],
    *,
    member_limit: int,
    min_subscribers: int,
) -> FlushResult:
    """Raises CacheUnavailable."""
    command = buffer_command(
        stream, channel, updates, member_limit=member_limit, min_subscribers=min_subscribers
    )
    (answer,) = await cache.run(command, scripts=[BUFFER])
    return parse_flush(stream, channel, answer)


async def flush(stream: Stream, channel: Channel) -> FlushResult:
    """What a flush job finds. Raises CacheUnavailable."""
    (answer,) = await cache.run(script_call(_FLUSH, stream, channel), scripts=[_FLUSH])
    return parse_flush(stream, channel, answer)


def parse_flush(stream: Stream, channel: Channel, answer: Sequence[Any]) -> FlushResult:
    """From what `buffer` returns in Lua."""
    match answer:
        case ["publish", updates, subscribers, members, hidden]:
            return FlushResult(
                stream,
                channel,
                updates=parse_hash(updates),
                subscribers=parse_subscribers(parse_hash(subscribers)),
                member_count=int(members or 0),
                hidden=parse_hidden(hidden),
            )
        case ["schedule", seconds]:
            return FlushResult(stream, channel, flush_in=seconds)
    return FlushResult(stream, channel)


def parse_flushes(
    streams: Iterable[Stream], channel: Channel, answers: Iterable[Any]
) -> list[FlushResult]:
    """One answer for each stream."""
    pairs = zip(streams, answers, strict=True)
    return [parse_flush(stream, channel, answer) for stream, answer in pairs]


def parse_hash(flat: Sequence[str]) -> dict[str, str]:
    """A hash, as a script returns it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def flush_job(channel: str, stream: Stream, *, message_id: UUID | None = None) -> str:
    """The body of a job on the socket queue. `message_id`: whose reactions to publish."""
    job = {"channel": channel, "stream": str(stream)}
    if message_id is not None:
        job["message_id"] = str(message_id)
    return encode_json({"flush": job})


def schedule_flushes(results: Iterable[FlushResult]) -> None:
    """Sends the flush jobs that are due later. Raises QueueUnavailable."""
    waiting = defaultdict(list)
    for result in results:
        if result.flush_in is not None:
            waiting[result.flush_in].append(flush_job(result.channel.name, result.stream))
    for seconds, jobs in waiting.items():
        for start in range(0, len(jobs), queues.BATCH_MESSAGES):
            batch = jobs[start : start + queues.BATCH_MESSAGES]
            queues.send(settings().socket_queue_url, batch, delay_seconds=seconds)
