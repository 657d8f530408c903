"""Who listens, kept in Valkey: one key a socket (whose it is), one hash a person (their sockets).

A socket is in its person's hash from the start, and from its `hello` on events are sent to it.
"""

import json
import time
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from cgraph import cache, delivery, limits, policies, queues
from cgraph.auth.caller import Caller
from cgraph.delivery import Socket, connections_key, parse_socket
from cgraph.errors import AuthenticationRequired, InvalidToken, RealtimeUnavailable
from cgraph.ids import SessionId, UserId
from cgraph.limits import GCRA, SOCKET, Allowance, Mode, allowance
from cgraph.log import logger
from cgraph.policies import Policy
from cgraph.realtime.models import Connection
from cgraph.streams import encode

LIFE_SECONDS = 2 * 60 * 60
"""API Gateway's own: a socket that is older is gone, whether or not `$disconnect` came."""

TICKET_SECONDS = 30

FLOOD = 4 * SOCKET.burst
"""Frames refused, none of them a minute after the one before, at which a socket is closed: each
costs as much to refuse as to answer.
"""

_ENTER = cache.Script(
    GCRA
    + """
local connection = redis.call('GET', KEYS[1])
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


async def keep_ticket(ticket_hash: str, *, user_id: UserId, session_id: SessionId) -> None:
    """Raises RealtimeUnavailable."""
    value = f"{user_id} {session_id}"
    await _run(("SET", f"ticket:{ticket_hash}", value, "EX", TICKET_SECONDS))


async def open_connection(id: str, *, ticket_hash: str) -> None:
    """Spends the ticket and stores the connection. Raises InvalidToken, RealtimeUnavailable."""
    (value,) = await _run(("GETDEL", f"ticket:{ticket_hash}"))
    if value is None:
        raise InvalidToken("The ticket is unknown, spent or older than 30 s")
    user_id, session_id = value.split()
    opened_at = int(time.time())
    key = connections_key(UserId(UUID(user_id)))
    socket = Socket(opened_at + LIFE_SECONDS, session_id, listens=False)
    *_, ended = await _run(
        ("SET", _key(id), json.dumps([user_id, session_id, opened_at]), "EX", LIFE_SECONDS),
        ("HSET", key, id, str(socket)),
        ("EXPIRE", key, LIFE_SECONDS),
        ("EXISTS", _ended_key(session_id)),  # last: `end_sessions` writes this and then reads those
    )
    if ended:
        await close_connection(id)
        raise InvalidToken("The session has ended: log in again")


async def enter(id: str, *, policy: Policy) -> tuple[Connection, Allowance, Mode]:
    """Whose socket a frame came through, and whether it may. Raises AuthenticationRequired,
    RealtimeUnavailable.
    """
    call = _ENTER.call(
        keys=[_key(id), f"frames:{{{id}}}", f"refused:{{{id}}}"],
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
        await _end([id], user_id=connection.caller.id, reason="rate_limited")
    return connection, allowance(SOCKET, answer[1:]), mode


async def listen(connection: Connection) -> None:
    """From now on the person's events are sent to this socket too; sockets whose life is over go.
    Raises RealtimeUnavailable.
    """
    key = connections_key(connection.caller.id)
    ends = connection.opened_at + LIFE_SECONDS
    socket = Socket(ends, str(connection.caller.session_id), listens=True)
    call = _LISTEN.call(
        keys=[key], arguments=[connection.id, str(socket), int(time.time()), LIFE_SECONDS]
    )
    await _run(call, scripts=[_LISTEN])


async def close_connection(id: str) -> None:
    """Forgets the socket; does nothing where it is not known. Raises RealtimeUnavailable."""
    (record,) = await _run(("GETDEL", _key(id)))
    if record is not None:
        await _run(("HDEL", connections_key(_connection(id, record).caller.id), id))


async def end_sessions(user_id: UserId, *, session_ids: Collection[UUID]) -> None:
    """Their sockets act for nobody from now on; each is told `closing` and closed.

    Never raises: the sessions have ended. Without Valkey their sockets go at their next `hello`, or
    when their life is over.
    """
    ended = {str(id) for id in session_ids}
    marks = (("SET", _ended_key(id), "1", "EX", 2 * TICKET_SECONDS) for id in ended)
    try:
        *_, sockets = await cache.run(*marks, ("HGETALL", connections_key(user_id)))
        theirs = [id for id, text in sockets.items() if parse_socket(text).session_id in ended]
    except cache.CacheUnavailable as error:
        logger.error("sockets_not_closed", extra={"reason": str(error)})
    else:
        await _end(theirs, user_id=user_id, reason="session_revoked")


async def _end(ids: Sequence[str], *, user_id: UserId, reason: str) -> None:
    """Never raises: what could not be closed is at least told so at its next frame."""
    if not ids:
        return
    closing = encode({"type": "closing", "data": {"reason": reason}})
    try:
        forgotten = (("DEL", _key(id)) for id in ids)
        await cache.run(*forgotten, ("HDEL", connections_key(user_id), *ids))
        delivery.push([{"frames": [closing], "connections": list(ids), "close": True}])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.error("sockets_not_closed", extra={"reason": str(error)})


async def _run(*commands: cache.Command, scripts: Sequence[cache.Script] = ()) -> list[Any]:
    try:
        return await cache.run(*commands, scripts=scripts)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error


def _key(id: str) -> str:
    return f"connection:{{{id}}}"


def _ended_key(session_id: str) -> str:
    """Outlives the tickets that the session may still have."""
    return f"session-ended:{session_id}"


def _connection(id: str, record: str, *, policy: Policy = policies.SIGNED_IN) -> Connection:
    user_id, session_id, opened_at = json.loads(record)
    caller = Caller(UserId(UUID(user_id)), SessionId(UUID(session_id)), policy)
    return Connection(id, caller, opened_at)
