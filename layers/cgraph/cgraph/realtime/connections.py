"""The open sockets, kept in Valkey: a hash for each socket (whose it is, its subscriptions), one
for each user (their sockets), and all sockets by the end of their life.

A socket is in its user's hash from the start; events are pushed to it once it has said `hello`.
"""

import time
import zlib
from collections.abc import Collection, Sequence
from uuid import UUID

from cgraph.core import cache, limits, policies, queues
from cgraph.core.caller import Caller
from cgraph.core.encoding import encode_json
from cgraph.core.errors import AuthenticationRequired, RateLimited
from cgraph.core.ids import SessionId, UserId, from_short, short
from cgraph.core.limits import GCRA, SOCKET, Allowance, Mode, parse_allowance
from cgraph.core.log import logger
from cgraph.core.policies import Policy
from cgraph.core.scopes import require_scope
from cgraph.core.settings import settings
from cgraph.events.streams import Stream
from cgraph.realtime import push_jobs, subscriptions
from cgraph.realtime.coalescing import parse_hash
from cgraph.realtime.connection_store import SocketEntry, connections_key, parse_socket_entry
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.models import Connection
from cgraph.realtime.required_cache import run
from cgraph.realtime.subscription_store import socket_key, subscribed_streams

TICKET_SECONDS = 30
SOCKETS_KEY = "sockets"
"""A sorted set: connection ids by the end of their life, to count the open sockets."""

CONNECTIONS_PER_SECOND = 500
"""How many API Gateway admits: clients that reconnect at once spread over the time this takes."""

FLOOD_REFUSALS = SOCKET.burst
"""Refused frames, less than a minute apart, after which a socket is closed: a frame costs as much
to refuse as to answer.
"""

LOCKOUT_SECONDS = 60
"""How long the session of such a socket gets neither ticket nor socket."""

_ADMIT = cache.Script(
    GCRA
    + """
local connection = redis.call('HGET', KEYS[1], 'who')
if not connection then return false end
local answer = {connection, take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
answer[6] = redis.call('HGET', KEYS[1], 'standing') or ''
if answer[2] == 0 then
  answer[7] = redis.call('INCR', KEYS[3])
  redis.call('EXPIRE', KEYS[3], 60)
end
return answer
"""
)

_START_LISTENING = cache.Script(
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

_DELETE_SOCKET = cache.Script(
    """
local socket = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return socket
"""
)


async def admit_frame(id: str, *, policy: Policy, scope: str) -> tuple[Connection, Allowance, Mode]:
    """Who sent a frame, and whether the socket's rate limit allows it; counts it. Raises
    AuthenticationRequired, ScopeMissing, RealtimeUnavailable.
    """
    call = _ADMIT.call(
        keys=[socket_key(id), f"frames:{{{id}}}", f"refused:{{{id}}}"],
        arguments=[SOCKET.interval(limits.mode()), SOCKET.burst],
    )
    try:
        answer, mode = await limits.run_script(call, script=_ADMIT)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error
    if answer is None:
        raise AuthenticationRequired("This socket is no longer known: open a new one")
    connection = _parse_connection(id, answer[0], policy=policy, standing=answer[5])
    if answer[6:] == [FLOOD_REFUSALS]:
        caller = connection.caller
        await run(("SET", lockout_key(caller.id, caller.session_id), 1, "EX", LOCKOUT_SECONDS))
        await _close([id], reason="rate_limited", retry_after_ms=LOCKOUT_SECONDS * 1000)
    require_scope(scope, granted=connection.caller.scopes)
    return connection, parse_allowance(SOCKET, answer[1:]), mode


async def in_full_standing(connection: Connection) -> None:
    """Raises RealtimeUnavailable."""
    await run(("HDEL", socket_key(connection.id), "standing"))


async def start_listening(connection: Connection) -> int:
    """From now on the user's events are pushed to this socket too; entries of sockets that have
    expired are removed. Returns how many sockets of all users are open. Raises RealtimeUnavailable.
    """
    now, life = int(time.time()), settings().socket_life_seconds
    session = short(connection.caller.session_id)
    entry = SocketEntry(connection.opened_at + life, session, listens=True)
    call = _START_LISTENING.call(
        keys=[connections_key(connection.caller.id)],
        arguments=[connection.id, str(entry), now, life],
    )
    *_, count = await run(
        call,
        ("ZREMRANGEBYSCORE", SOCKETS_KEY, "-inf", now),
        ("ZCARD", SOCKETS_KEY),
        scripts=[_START_LISTENING],
    )
    return int(count)


def storm_jitter_ms(sockets: int) -> int:
    """The time over which so many clients spread when they reconnect at once."""
    return -(-sockets // CONNECTIONS_PER_SECOND) * 1500


async def close_connections(ids: Collection[str]) -> None:
    """Deletes these sockets and their subscriptions, where they are known. Raises
    RealtimeUnavailable.
    """
    await subscriptions.end_subscriptions(await _delete(ids))


async def request_reconnect(connection: Connection) -> None:
    """Asks the client, once, to open its next socket, in the last quarter of an hour of this one.
    Never raises: the client knows when its socket ends.
    """
    life = settings().socket_life_seconds
    spread = zlib.crc32(connection.id.encode()) / 2**32
    if time.time() < connection.opened_at + life * (105 + 10 * spread) / 120:
        return
    data = {"reason": "max_age", "within_ms": life * 1000 // 120, "jitter_ms": life * 1000 // 160}
    frame = encode_json({"type": "reconnect", "data": data})
    try:
        (first,) = await cache.run(("SET", f"reconnect:{connection.id}", 1, "NX", "EX", life))
        if first:
            push_jobs.enqueue([{"frames": [frame], "connections": [connection.id]}])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("reconnect_request_failed", extra={"reason": str(error)})


async def close_session_sockets(user_id: UserId, *, session_ids: Collection[UUID]) -> None:
    """Sockets of sessions that have ended: from now on their frames are refused; each gets
    `closing` and is closed.

    Never raises: the sessions have ended. Without Valkey their sockets are refused at the next
    `hello`, or end with their life.
    """
    ended = {short(id) for id in session_ids}
    marks = (
        ("SET", ended_session_key(user_id, id), "1", "EX", 2 * TICKET_SECONDS) for id in session_ids
    )
    try:
        *_, entries = await cache.run(*marks, ("HGETALL", connections_key(user_id)))
    except cache.CacheUnavailable as error:
        logger.error("close_failed", extra={"reason": str(error)})
        return
    ids = [id for id, text in entries.items() if parse_socket_entry(text).session in ended]
    await _close(ids, reason="session_revoked")


async def _close(ids: Sequence[str], *, reason: str, **more: int) -> None:
    """Never raises: a socket that could not be closed is refused at its next frame."""
    if not ids:
        return
    closing = encode_json({"type": "closing", "data": {"reason": reason, **more}})
    try:
        await close_connections(ids)
        push_jobs.enqueue([{"frames": [closing], "connections": list(ids), "close": True}])
    except (RealtimeUnavailable, queues.QueueUnavailable) as error:
        logger.error("close_failed", extra={"reason": str(error)})


async def _delete(ids: Collection[str]) -> dict[str, list[Stream]]:
    """The streams that each of them was subscribed to."""
    calls = [_DELETE_SOCKET.call(keys=[socket_key(id)], arguments=[]) for id in ids]
    answers = await run(*calls, scripts=[_DELETE_SOCKET]) if calls else []
    known = {id: parse_hash(each) for id, each in zip(ids, answers, strict=True) if each}
    entries = (
        ("HDEL", connections_key(_parse_connection(id, socket["who"]).caller.id), id)
        for id, socket in known.items()
    )
    if known:
        await run(*entries, ("ZREM", SOCKETS_KEY, *known))
    return {id: subscribed_streams(socket) for id, socket in known.items()}


def ended_session_key(user_id: UserId, session_id: UUID) -> str:
    """Outlives the tickets that the session may still have."""
    return f"session-ended:{{{user_id}}}:{session_id}"


def lockout_key(user_id: UserId, session_id: SessionId) -> str:
    return f"lockout:{{{user_id}}}:{session_id}"


def require_no_lockout(lockout_ms: int) -> None:
    """Raises RateLimited."""
    if lockout_ms > 0:
        raise RateLimited(
            "A socket of this session was closed because it sent too many frames",
            retry_after=lockout_ms / 1000,
        )


def _parse_connection(
    id: str, who: str, *, policy: Policy = policies.SIGNED_IN, standing: str = ""
) -> Connection:
    user, session, opened_at, *scopes = who.split()
    caller = Caller(
        UserId(from_short(user)),
        SessionId(from_short(session)),
        policy,
        standing=standing,
        scopes=frozenset(scopes[1:]) if scopes else None,
    )
    return Connection(id, caller, int(opened_at))
