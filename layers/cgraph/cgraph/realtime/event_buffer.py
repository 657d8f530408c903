"""Holds the events of a busy stream for a moment, so that its listeners are found once, and each
socket gets one frame, for all of them.

The first event of a stream goes at once and opens a window. What follows within the window waits
for its end, in a hash in Valkey; the first that waits asks for a job that flushes it, which opens
the next window. A quiet stream never waits.

All keys of a stream have one hash tag, so that each step is one script in one slot.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import UserId
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime.coalescing import parse_hash
from cgraph.realtime.subscription_store import (
    Subscriber,
    hash_tag,
    parse_subscribers,
    subscribers_key,
)

WINDOW_MS = 125

AUDIENCE_MIN = 32
"""Events for fewer people, or for fewer subscribers, never wait: to find these costs little."""

_PRELUDE = """
local KEPT_SECONDS, LOST_MS, LEASE_MS, AUDIENCES = 60, 5000, 3000, 4
local subscribers, window, buffer, flushing, audiences, taken, lease = unpack(KEYS)
"""

OFFER = cache.Script(
    _PRELUDE
    + """
local window_ms, subscribers_min, number, entry, digest, audience = unpack(ARGV)
local function send()
  return {'send', tonumber(subscribers_min) > 0 and redis.call('HGETALL', subscribers) or {}}
end
if redis.call('HLEN', subscribers) < tonumber(subscribers_min) then return send() end
local waits = redis.call('EXISTS', buffer) == 1 -- longer than the window where its flush is late
if not waits and redis.call('SET', window, 1, 'NX', 'PX', window_ms) then return send() end
if digest ~= '' and redis.call('HEXISTS', audiences, digest) == 0 then
  if audience == '' then return {'unknown_audience'} end
  if redis.call('HLEN', audiences) > AUDIENCES then return send() end
  redis.call('HSET', audiences, digest, audience)
end
redis.call('HSET', buffer, number .. ' ' .. digest, entry)
redis.call('EXPIRE', buffer, KEPT_SECONDS)
redis.call('EXPIRE', audiences, KEPT_SECONDS)
local wait = math.max(redis.call('PTTL', window), 0)
if redis.call('SET', flushing, 1, 'NX', 'PX', wait + LOST_MS) then return {'flush', wait} end
return {'wait'}
"""
)
"""Takes an event, unless it is to be sent at once."""

_TAKE = cache.Script(
    _PRELUDE
    + """
redis.call('DEL', flushing)
local entries, used = redis.call('HGETALL', buffer), {}
if #entries > 0 then
  redis.call('DEL', buffer)
  for field = 1, #entries, 2 do redis.call('HSET', taken, entries[field], entries[field + 1]) end
end
redis.call('EXPIRE', taken, KEPT_SECONDS)
redis.call('EXPIRE', audiences, KEPT_SECONDS)
if redis.call('EXISTS', lease) == 0 then entries = redis.call('HGETALL', taken) end
if #entries == 0 then return {entries, {}, {}} end
redis.call('SET', lease, 1, 'PX', LEASE_MS)
redis.call('SET', window, 1, 'PX', ARGV[1])
for _, field in ipairs(redis.call('HKEYS', taken)) do used[string.match(field, ' (.*)')] = true end
for _, digest in ipairs(redis.call('HKEYS', audiences)) do
  if not used[digest] then redis.call('HDEL', audiences, digest) end
end
return {entries, redis.call('HGETALL', audiences), redis.call('HGETALL', subscribers)}
"""
)
"""What waits, and what was taken some time ago and not sent since: its process may have died."""


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event, or several that follow one another, as they are pushed. `seq`: of the last.
    `audience`: None for all subscribers of the stream. `own_frames`: what some of them get in the
    place of the one frame, by short user id. `known_digest`: of the audience, where it was made
    before.
    """

    stream: Stream
    seq: int
    frames: Sequence[str]
    audience: Sequence[UserId] | None
    own_frames: Mapping[str, str] = field(default_factory=dict)
    known_digest: str = ""

    @property
    def digest(self) -> str:
        """Names the audience, which Postgres lists in any order; empty for all subscribers."""
        if self.known_digest:
            return self.known_digest
        if self.audience is None:
            return ""
        members = b"".join(sorted(user.bytes for user in self.audience))
        return hashlib.sha1(members, usedforsecurity=False).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class _Answer:
    """To an offer. `send`: the event does not wait. `subscribers`: of an open stream, by connection
    id, where it does not. `flush_in_ms`: when a job is to flush what waits.
    """

    send: bool = False
    subscribers: Mapping[str, Subscriber] = field(default_factory=dict)
    flush_in_ms: int | None = None
    knows_audience: bool = True


@dataclass(frozen=True, slots=True)
class Buffered:
    """What waits for its flush. `events`: in the order of their numbers."""

    stream: Stream
    events: Sequence[OutgoingEvent]
    subscribers: Mapping[str, Subscriber]


def may_wait(event: OutgoingEvent) -> bool:
    """Whether to offer it."""
    return event.audience is None or len(event.audience) >= AUDIENCE_MIN


def offer_command(event: OutgoingEvent, *, with_audience: bool = False) -> cache.Command:
    """A call of OFFER, whose answer `settle` reads. The audience is sent along only when the answer
    was that it is unknown: a thousand people are 36 KB.
    """
    members = " ".join(map(str, event.audience or ())) if with_audience else ""
    entry = encode_json([event.frames, event.own_frames])
    subscribers_min = AUDIENCE_MIN if event.stream.kind.is_open else 0
    return OFFER.call(
        keys=_keys(event.stream),
        arguments=[WINDOW_MS, subscribers_min, event.seq, entry, event.digest, members],
    )


async def settle(
    offered: Sequence[OutgoingEvent], answers: Sequence[Any]
) -> list[tuple[OutgoingEvent, Mapping[str, Subscriber]]]:
    """Does what the answers to the offers ask for. Returns the events that do not wait, with the
    subscribers of their streams where these are open. Raises CacheUnavailable, QueueUnavailable.
    """
    results = list(zip(offered, map(_parse_answer, answers), strict=True))
    unknown = [event for event, answer in results if not answer.knows_audience]
    if unknown:
        calls = [offer_command(event, with_audience=True) for event in unknown]
        again = map(_parse_answer, await cache.run(*calls, scripts=[OFFER]))
        results += zip(unknown, again, strict=True)
    for event, answer in results:
        if answer.flush_in_ms is not None:
            _schedule_flush(event.stream, wait_ms=answer.flush_in_ms)
    return [(event, answer.subscribers) for event, answer in results if answer.send]


def merge(events: Sequence[OutgoingEvent]) -> list[OutgoingEvent]:
    """Those that follow one another with one audience become one."""
    merged: list[OutgoingEvent] = []
    for event in events:
        last = merged[-1] if merged else None
        if last and last.digest == event.digest and not (last.own_frames or event.own_frames):
            frames = [*last.frames, *event.frames]
            merged[-1] = replace(last, seq=event.seq, frames=frames)
        else:
            merged.append(event)
    return merged


async def take(streams: Sequence[Stream]) -> list[Buffered]:
    """What waits in these streams. Raises CacheUnavailable."""
    calls = [_TAKE.call(keys=_keys(stream), arguments=[WINDOW_MS]) for stream in streams]
    answers = await cache.run(*calls, scripts=[_TAKE])
    return [_parse_buffered(*each) for each in zip(streams, answers, strict=True) if each[1][0]]


async def drop(sent: Sequence[Buffered]) -> None:
    """What was taken has been sent. Raises CacheUnavailable."""
    await cache.run(
        *(
            ("HDEL", _keys(each.stream)[5], *(_field(event) for event in each.events))
            for each in sent
        )
    )


def _field(event: OutgoingEvent) -> str:
    """Of the hash: readers with events of their own have other numbers than the others."""
    return f"{event.seq} {event.digest}"


def _parse_answer(answer: Sequence[Any]) -> _Answer:
    match answer:
        case ["send", subscribers]:
            return _Answer(send=True, subscribers=parse_subscribers(parse_hash(subscribers)))
        case ["flush", wait]:
            return _Answer(flush_in_ms=wait)
        case ["unknown_audience"]:
            return _Answer(knows_audience=False)
    return _Answer()


def _schedule_flush(stream: Stream, *, wait_ms: int) -> None:
    due = time.time() + wait_ms / 1000
    queues.send(settings().flush_queue_url, [encode_json({"stream": str(stream), "due": due})])


def _keys(stream: Stream) -> list[str]:
    tag = hash_tag(stream)
    names = ("window", "events", "flushing", "audiences", "taken", "lease")
    return [subscribers_key(stream), *(f"{name}:{tag}" for name in names)]


def _parse_buffered(stream: Stream, answer: Sequence[Any]) -> Buffered:
    entries, audiences, subscribers = answer
    members = {
        digest: [UserId(UUID(user)) for user in text.split()]
        for digest, text in parse_hash(audiences).items()
    }
    events = []
    for name, text in parse_hash(entries).items():
        seq, _, digest = name.partition(" ")
        frames, own_frames = json.loads(text)
        audience = members[digest] if digest else None
        events.append(OutgoingEvent(stream, int(seq), frames, audience, own_frames, digest))
    events.sort(key=lambda event: event.seq)
    return Buffered(stream, events, parse_subscribers(parse_hash(subscribers)))
