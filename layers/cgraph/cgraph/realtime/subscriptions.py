"""To subscribe is to have in focus: a lease, for the sockets that look at a stream just now.

What lives for seconds (typing, presence, receipts) is told to them and to nobody else, and costs no
statement in Postgres. A socket's own list of what it looks at is in its record. Without Valkey all
this is lost, and made again by the client's next `subscribe`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.errors import AuthenticationRequired
from cgraph.core.ids import short
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing, ephemeral_events
from cgraph.realtime.coalescing import PRESENCE, RECEIPTS, SCRIPT, Outcome
from cgraph.realtime.errors import NotSubscribed, RealtimeUnavailable, TooManyStreams
from cgraph.realtime.models import Connection
from cgraph.realtime.subscription_store import (
    Look,
    Status,
    field_of,
    focus_key,
    parse_looks,
    pending,
    record_key,
    streams_of,
)

LEASE_SECONDS = 600
STREAMS_AT_MOST = 50
"""That one socket has in focus."""

_ASK = cache.Script(
    """
local now, count, known = tonumber(redis.call('TIME')[1]), #ARGV - 2, {}
local record = redis.call('HGETALL', KEYS[1])
if #record == 0 then return false end
local status = redis.call('HGET', KEYS[1], 'status') or 'online'
for field = 1, #record, 2 do
  if string.find(record[field], ':') then
    if tonumber(record[field + 1]) > now then
      known[record[field]] = true
      count = count + 1
    else
      redis.call('HDEL', KEYS[1], record[field])
    end
  end
end
for place = 3, #ARGV do
  if known[ARGV[place]] then count = count - 1 end
end
if count > tonumber(ARGV[1]) then return {count} end
for place = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[place], now + tonumber(ARGV[2]))
end
return {count, status}
"""
)

_ENTER = cache.Script(
    SCRIPT
    + """
local connection, lease, status, count = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local mine = redis.call('HGET', focus, connection)
if not mine then return false end
local looks = redis.call('HGETALL', focus)
for field = 1, #looks, 2 do
  local ends = math.abs(tonumber(string.match(looks[field + 1], ' (%-?%d+) ')))
  if ends < now - 60 then redis.call('HDEL', focus, looks[field]) end
end
redis.call('HSET', focus, connection, user_of(mine) .. ' ' .. (now + lease) .. ' ' .. status)
redis.call('EXPIRE', focus, lease + 60)
if count > 0 then redis.call('SET', members, count, 'EX', lease + 60)
else redis.call('DEL', members) end
local answer = {'held'}
if not is_live(mine) then answer = hold({'p:' .. user_of(mine), ''}, -1, 2) end
return {answer, redis.call('HGETALL', focus)}
"""
)

_LEAVE = cache.Script(
    SCRIPT
    + """
local connection, user, gone = ARGV[2], ARGV[3], nil
local looks = redis.call('HGETALL', focus)
for field = 1, #looks, 2 do
  local look = looks[field + 1]
  if looks[field] == connection or user_of(look) == user then
    redis.call('HDEL', focus, looks[field])
    redis.call('HDEL', held, 't:' .. user_of(look))
    if is_live(look) then gone = user_of(look) end
  end
end
if not gone then return {'held'} end
return hold({'p:' .. gone, ''}, -1, 1)
"""
)

_TYPE = cache.Script(
    SCRIPT
    + """
local look = redis.call('HGET', focus, ARGV[2])
if not look or not is_live(look) then return false end
return hold({'t:' .. user_of(look), ARGV[3]}, 2^53, 2)
"""
)

_SAY = cache.Script(
    SCRIPT
    + """
local look = redis.call('HGET', focus, ARGV[2])
if not look or not is_live(look) then return {'held'} end
local said = string.gsub(look, '%S+$', ARGV[3])
if said == look then return {'held'} end
redis.call('HSET', focus, ARGV[2], said)
return hold({'p:' .. user_of(look), ''}, -1, 2)
"""
)

_STATUS = cache.Script(
    """
local record = redis.call('HGETALL', KEYS[1])
if #record > 0 then redis.call('HSET', KEYS[1], 'status', ARGV[1]) end
return record
"""
)


async def ask(connection: Connection, *, streams: Sequence[Stream]) -> Status:
    """Before it is known whether they may: who is removed between that and `enter` is so for both.
    Returns what the person said of themselves.

    Raises AuthenticationRequired, TooManyStreams, RealtimeUnavailable.
    """
    names = map(field_of, streams)
    own = _ASK.call(
        keys=[record_key(connection.id)], arguments=[STREAMS_AT_MOST, LEASE_SECONDS, *names]
    )
    look = str(pending(connection.caller.id))
    asked = (("HSETNX", focus_key(each), connection.id, look) for each in streams)
    kept = (("EXPIRE", focus_key(each), LEASE_SECONDS + 60) for each in streams)
    answer, *_ = await _run(own, *asked, *kept, scripts=[_ASK])
    if answer is None:
        raise AuthenticationRequired("This socket is not known any more: open a new one")
    count, *status = answer
    if not status:
        raise TooManyStreams(f"{count} streams, and at most {STREAMS_AT_MOST} are in focus")
    return Status(status[0])


async def enter(
    connection: Connection,
    *,
    status: Status,
    granted: Mapping[Stream, int],
    refused: Iterable[Stream],
) -> dict[Stream, dict[str, Look]]:
    """Who looks at each of `granted` (with its number of members); a stream that the person was
    removed from since `ask` is left out. Raises AuthenticationRequired, RealtimeUnavailable.
    """
    calls = [
        coalescing.call(
            _ENTER, each, PRESENCE, connection.id, LEASE_SECONDS, status, _many(members)
        )
        for each, members in granted.items()
    ]
    record = record_key(connection.id)
    undone = [
        command
        for each in refused
        for command in (("HDEL", focus_key(each), connection.id), ("HDEL", record, field_of(each)))
    ]
    # EXISTS comes last: whoever closes the socket deletes its record, and then what it looks at
    *answers, known = await _run(*calls, *undone, ("EXISTS", record), scripts=[_ENTER])
    found = {each: answer for each, answer in zip(granted, answers, strict=False) if answer}
    await ephemeral_events.settle(
        [coalescing.outcome(each, PRESENCE, happened) for each, (happened, _) in found.items()]
    )
    if not known:
        await leave_all({connection.id: list(found)})
        raise AuthenticationRequired("This socket is not known any more: open a new one")
    return {each: parse_looks(coalescing.paired(looks)) for each, (_, looks) in found.items()}


async def unsubscribe(connection: Connection, *, streams: Sequence[Stream]) -> None:
    """Raises RealtimeUnavailable."""
    forgotten = ("HDEL", record_key(connection.id), *map(field_of, streams))
    calls = [_leaving(each, connection=connection.id) for each in streams]
    _, *answers = await _run(forgotten, *calls, scripts=[_LEAVE])
    await ephemeral_events.settle(_outcomes(streams, answers))


async def say(connection: Connection, *, status: Status) -> None:
    """How the person is, wherever this socket looks and will look. Raises RealtimeUnavailable."""
    own = _STATUS.call(keys=[record_key(connection.id)], arguments=[status])
    (record,) = await _run(own, scripts=[_STATUS])
    streams = streams_of(coalescing.paired(record))
    calls = [coalescing.call(_SAY, each, PRESENCE, connection.id, status) for each in streams]
    answers = await _run(*calls, scripts=[_SAY]) if calls else []
    await ephemeral_events.settle(_outcomes(streams, answers))


async def type(connection: Connection, *, stream: Stream, typing: bool) -> None:
    """Raises NotSubscribed, RealtimeUnavailable."""
    call = coalescing.call(_TYPE, stream, PRESENCE, connection.id, int(typing))
    (answer,) = await _run(call, scripts=[_TYPE])
    if answer is None:
        raise NotSubscribed
    await ephemeral_events.settle(_outcomes([stream], [answer]))


async def leave(*, user_id: UUID, stream: Stream) -> None:
    """None of the person's sockets is told what happens there any more. Never raises: where Valkey
    does not answer, a job does it.
    """
    try:
        await remove(user_id=user_id, stream=stream)
    except RealtimeUnavailable as error:
        logger.warning("focus_not_left", extra={"reason": str(error), "stream": str(stream)})
        _remove_later(user_id=user_id, stream=stream)


async def remove(*, user_id: UUID, stream: Stream) -> None:
    """Raises RealtimeUnavailable."""
    answers = await _run(_leaving(stream, user=short(user_id)), scripts=[_LEAVE])
    await ephemeral_events.settle(_outcomes([stream], answers))


async def leave_all(looks: Mapping[str, Sequence[Stream]]) -> None:
    """What these sockets looked at, by connection. Raises RealtimeUnavailable."""
    pairs = [(connection, each) for connection, streams in looks.items() for each in streams]
    if pairs:
        calls = [_leaving(each, connection=connection) for connection, each in pairs]
        answers = await _run(*calls, scripts=[_LEAVE])
        await ephemeral_events.settle(_outcomes([each for _, each in pairs], answers))


async def hold_receipt(*, stream: Stream, user_id: UUID, seq: int) -> None:
    """The person has read up to there: told with others', soon. Never raises."""
    try:
        held = await coalescing.hold(
            stream, RECEIPTS, {short(user_id): seq}, lead=ephemeral_events.NAMED_READERS, least=1
        )
        await ephemeral_events.settle([held])
    except cache.CacheUnavailable as error:
        logger.warning("receipt_not_told", extra={"reason": str(error), "stream": str(stream)})


def _many(members: int) -> int:
    """Kept only where receipts are told otherwise: each key costs 150 bytes."""
    return members if members > ephemeral_events.NAMED_READERS else 0


def _leaving(stream: Stream, *, connection: str = "", user: str = "") -> cache.Command:
    return coalescing.call(_LEAVE, stream, PRESENCE, connection, user)


def _remove_later(*, user_id: UUID, stream: Stream) -> None:
    left = encode_json({"left": {"user_id": str(user_id), "stream": str(stream)}})
    try:
        queues.send(settings().socket_queue_url, [left], delay_seconds=1)
    except queues.QueueUnavailable as error:  # then until the lease ends
        logger.error("focus_not_left", extra={"reason": str(error), "stream": str(stream)})


def _outcomes(streams: Iterable[Stream], answers: Iterable[Any]) -> list[Outcome]:
    return [
        coalescing.outcome(stream, PRESENCE, answer)
        for stream, answer in zip(streams, answers, strict=True)
    ]


async def _run(*commands: cache.Command, scripts: Sequence[cache.Script]) -> list[Any]:
    try:
        return await cache.run(*commands, scripts=scripts)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error
