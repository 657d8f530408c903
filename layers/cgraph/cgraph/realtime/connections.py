"""Who listens, kept in Valkey: one key a socket (whose it is), one hash a person (their sockets).

A socket is in its person's hash from its `hello` on, and only then are events sent to it.
"""

import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cgraph import cache, limits
from cgraph.delivery import connections_key
from cgraph.errors import AuthenticationRequired, InvalidToken, RealtimeUnavailable
from cgraph.ids import SessionId, UserId
from cgraph.limits import GCRA, SOCKET, Allowance, Mode, allowance
from cgraph.realtime.models import Connection

LIFE_SECONDS = 2 * 60 * 60
"""API Gateway's own: a socket that is older is gone, whether or not `$disconnect` came."""

TICKET_SECONDS = 30

_ENTER = cache.Script(
    GCRA
    + """
local connection = redis.call('GET', KEYS[1])
if not connection then return false end
return {connection, take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
"""
)

_LISTEN = cache.Script(
    """
local sockets = redis.call('HGETALL', KEYS[1])
for field = 1, #sockets, 2 do
  if tonumber(sockets[field + 1]) < tonumber(ARGV[3]) then
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
    record = json.dumps([user_id, session_id, int(time.time())])
    await _run(("SET", _key(id), record, "EX", LIFE_SECONDS))


async def enter(id: str) -> tuple[Connection, Allowance, Mode]:
    """Whose socket a frame came through, and whether it may. Raises AuthenticationRequired,
    RealtimeUnavailable.
    """
    call = _ENTER.call(
        keys=[_key(id), f"frames:{{{id}}}"],
        arguments=[SOCKET.interval(limits.mode()), SOCKET.burst],
    )
    try:
        answer, mode = await limits.ask(call, script=_ENTER)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error
    if answer is None:
        raise AuthenticationRequired("This socket is not known any more: open a new one")
    return _connection(id, answer[0]), allowance(SOCKET, answer[1:]), mode


async def listen(connection: Connection) -> None:
    """From now on the person's events are sent to this socket too; sockets whose life is over go.
    Raises RealtimeUnavailable.
    """
    key = connections_key(UserId(connection.user_id))
    ends = connection.opened_at + LIFE_SECONDS
    call = _LISTEN.call(keys=[key], arguments=[connection.id, ends, int(time.time()), LIFE_SECONDS])
    await _run(call, scripts=[_LISTEN])


async def close_connection(id: str) -> None:
    """Forgets the socket; does nothing where it is not known. Raises RealtimeUnavailable."""
    (record,) = await _run(("GETDEL", _key(id)))
    if record is not None:
        await _run(("HDEL", connections_key(UserId(_connection(id, record).user_id)), id))


async def _run(*commands: cache.Command, scripts: Sequence[cache.Script] = ()) -> list[Any]:
    try:
        return await cache.run(*commands, scripts=scripts)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error


def _key(id: str) -> str:
    return f"connection:{{{id}}}"


def _connection(id: str, record: str) -> Connection:
    user_id, session_id, opened_at = json.loads(record)
    return Connection(id, UUID(user_id), UUID(session_id), opened_at)
