"""Who listens, kept in Valkey: one hash a socket (whose it is, what it looks at), one a person
(their sockets), and all sockets by the end of their life, to count them.

A socket is in its person's hash from the start, and from its `hello` on events are sent to it.
"""

import time
import zlib
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from cgraph.core import cache, limits, policies, queues
from cgraph.core.caller import Caller
from cgraph.core.encoding import encode_json
from cgraph.core.errors import AuthenticationRequired, InvalidToken, RateLimited
from cgraph.core.ids import SessionId, UserId, from_short, short
from cgraph.core.limits import GCRA, SOCKET, Allowance, Mode, allowance
from cgraph.core.log import logger
from cgraph.core.policies import Policy
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime import fanout, subscriptions
from cgraph.realtime.coalescing import paired
from cgraph.realtime.connection_store import Socket, connections_key, parse_socket
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.models import Connection
from cgraph.realtime.subscription_store import record_key, streams_of

TICKET_SECONDS = 30
SOCKETS = "sockets"

CONNECTIONS_A_SECOND = 500
"""API Gateway's: what comes back at once is spread by it."""

FLOOD = SOCKET.burst
"""Frames refused, none of them a minute after the one before, at which a socket is closed: each
costs as much to refuse as to answer.
"""

SHUT_OUT_SECONDS = 60
"""For how long the session of a socket closed for that gets no other."""

_ENTER = cache.Script(
    GCRA
    + """
local connection = redis.call('HGET', KEYS[1], 'who')
if not connection then return false end
local answer = {connection, take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
if answer[2] == 0 then
  answer[6] = redis.call('INCR', KEYS[3])
  redis.call('EXPIRE', KEYS[3], 60)
end
return answer
"""
)

_LISTEN = cache.Script(
    """
local sockets = redis.call('HGETALL', KEYS[1])
for field = 1, #sockets, 2 do
  if tonumber(string.match(sockets[field + 1], '%d+')) < tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], sockets[field])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""
)

_FORGET = cache.Script(
    """
local record = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return record
"""
)


async def keep_ticket(ticket_hash: str, *, user_id: UserId, session_id: SessionId) -> None:
    """Raises RateLimited to whoever flooded us just now, RealtimeUnavailable."""
    value = f"{user_id} {session_id}"
    _, shut_out = await _run(
        ("SET", f"ticket:{ticket_hash}", value, "EX", TICKET_SECONDS),
        ("PTTL", _shut_out_key(session_id)),
    )
    _require_let_in(shut_out)


async def open_connection(id: str, *, ticket_hash: str) -> None:
    """Spends the ticket and stores the connection. Raises InvalidToken, RateLimited,
    RealtimeUnavailable.
    """
    (value,) = await _run(("GETDEL", f"ticket:{ticket_hash}"))
    if value is None:
        raise InvalidToken("The ticket is unknown, spent or older than 30 s")
    user_id, session_id = value.split()
    opened_at, life = int(time.time()), settings().socket_life_seconds
    key = connections_key(UserId(UUID(user_id)))
    who = f"{short(UUID(user_id))} {short(UUID(session_id))} {opened_at}"
    socket = Socket(opened_at + life, short(UUID(session_id)), listens=False)
    shut_out, *_, ended = await _run(
        ("PTTL", _shut_out_key(session_id)),
        ("HSET", record_key(id), "who", who),
        ("EXPIRE", record_key(id), life),
        ("HSET", key, id, str(socket)),
        ("EXPIRE", key, life),
        ("ZADD", SOCKETS, socket.ends, id),
        ("EXISTS", _ended_key(session_id)),  # last: `end_sessions` writes this and then reads those
    )
    if ended or shut_out > 0:
        await _forget([id])
        _require_let_in(shut_out)
        raise InvalidToken("The session has ended: log in again")


async def enter(id: str, *, policy: Policy) -> tuple[Connection, Allowance, Mode]:
    """Whose socket a frame came through, and whether it may. Raises AuthenticationRequired,
    RealtimeUnavailable.
    """
    call = _ENTER.call(
        keys=[record_key(id), f"frames:{{{id}}}", f"refused:{{{id}}}"],
        arguments=[SOCKET.interval(limits.mode()), SOCKET.burst],
    )
    try:
        answer, mode = await limits.ask(call, script=_ENTER)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error
    if answer is None:
        raise AuthenticationRequired("This socket is not known any more: open a new one")
    connection = _connection(id, answer[0], policy=policy)
    if answer[5:] == [FLOOD]:
        await _run(("SET", _shut_out_key(connection.caller.session_id), 1, "EX", SHUT_OUT_SECONDS))
        await _end([id], reason="rate_limited", retry_after_ms=SHUT_OUT_SECONDS * 1000)
    return connection, allowance(SOCKET, answer[1:]), mode


async def listen(connection: Connection) -> int:
    """From now on the person's events are sent to this socket too; sockets whose life is over go.
    Returns how many are open, of all people's. Raises RealtimeUnavailable.
    """
    now, life = int(time.time()), settings().socket_life_seconds
    session = short(connection.caller.session_id)
    socket = Socket(connection.opened_at + life, session, listens=True)
    call = _LISTEN.call(
        keys=[connections_key(connection.caller.id)],
        arguments=[connection.id, str(socket), now, life],
    )
    *_, count = await _run(
        call, ("ZREMRANGEBYSCORE", SOCKETS, "-inf", now), ("ZCARD", SOCKETS), scripts=[_LISTEN]
    )
    return int(count)


def storm_jitter_ms(sockets: int) -> int:
    """Over how long so many spread when they come back at once."""
    return -(-sockets // CONNECTIONS_A_SECOND) * 1500


async def close_connections(ids: Collection[str]) -> None:
    """Forgets these sockets and what they look at, as far as they are known. Raises
    RealtimeUnavailable.
    """
    await subscriptions.leave_all(await _forget(ids))


async def ask_to_reconnect(connection: Connection) -> None:
    """Once, in a socket's last quarter of an hour; nothing before. Never raises: the client knows
    when its socket ends.
    """
    life = settings().socket_life_seconds
    spread = zlib.crc32(connection.id.encode()) / 2**32
    if time.time() < connection.opened_at + life * (105 + 10 * spread) / 120:
        return
    about = {"reason": "max_age", "within_ms": life * 1000 // 120, "jitter_ms": life * 1000 // 160}
    frame = encode_json({"type": "reconnect", "data": about})
    try:
        (first,) = await cache.run(("SET", f"reconnect:{connection.id}", 1, "NX", "EX", life))
        if first:
            fanout.push([{"frames": [frame], "connections": [connection.id]}])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("reconnect_not_asked", extra={"reason": str(error)})


async def end_sessions(user_id: UserId, *, session_ids: Collection[UUID]) -> None:
    """Their sockets act for nobody from now on; each is told `closing` and closed.

    Never raises: the sessions have ended. Without Valkey their sockets go at their next `hello`, or
    when their life is over.
    """
    ended = {short(id) for id in session_ids}
    marks = (("SET", _ended_key(id), "1", "EX", 2 * TICKET_SECONDS) for id in session_ids)
    try:
        *_, sockets = await cache.run(*marks, ("HGETALL", connections_key(user_id)))
        theirs = [id for id, text in sockets.items() if parse_socket(text).session in ended]
    except cache.CacheUnavailable as error:
        logger.error("sockets_not_closed", extra={"reason": str(error)})
    else:
        await _end(theirs, reason="session_revoked")


async def _end(ids: Sequence[str], *, reason: str, **more: int) -> None:
    """Never raises: what could not be closed is at least told so at its next frame."""
    if not ids:
        return
    closing = encode_json({"type": "closing", "data": {"reason": reason, **more}})
    try:
        await close_connections(ids)
        fanout.push([{"frames": [closing], "connections": list(ids), "close": True}])
    except (RealtimeUnavailable, queues.QueueUnavailable) as error:
        logger.error("sockets_not_closed", extra={"reason": str(error)})


async def _forget(ids: Collection[str]) -> dict[str, list[Stream]]:
    """What each of them looked at."""
    calls = [_FORGET.call(keys=[record_key(id)], arguments=[]) for id in ids]
    answers = await _run(*calls, scripts=[_FORGET]) if calls else []
    known = {id: paired(each) for id, each in zip(ids, answers, strict=True) if each}
    theirs = (
        ("HDEL", connections_key(_connection(id, record["who"]).caller.id), id)
        for id, record in known.items()
    )
    if known:
        await _run(*theirs, ("ZREM", SOCKETS, *known))
    return {id: streams_of(record) for id, record in known.items()}


async def _run(*commands: cache.Command, scripts: Sequence[cache.Script] = ()) -> list[Any]:
    try:
        return await cache.run(*commands, scripts=scripts)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error


def _ended_key(session_id: UUID | str) -> str:
    """Outlives the tickets that the session may still have."""
    return f"session-ended:{session_id}"


def _shut_out_key(session_id: SessionId | str) -> str:
    return f"shut-out:{session_id}"


def _require_let_in(shut_out_ms: int) -> None:
    if shut_out_ms > 0:
        raise RateLimited(
            "A socket of this session was closed for its flood of frames",
            retry_after=shut_out_ms / 1000,
        )


def _connection(id: str, who: str, *, policy: Policy = policies.SIGNED_IN) -> Connection:
    user, session, opened_at = who.split()
    caller = Caller(UserId(from_short(user)), SessionId(from_short(session)), policy)
    return Connection(id, caller, int(opened_at))
