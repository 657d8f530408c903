"""How a socket opens: a ticket, which an HTTP request gets, is spent by the handshake."""

import time

from cgraph.core import address_limits, cache
from cgraph.core.addresses import Network
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import short
from cgraph.core.limits import UNKNOWN_TOKEN
from cgraph.core.scopes import Scopes
from cgraph.core.settings import settings
from cgraph.core.tokens import Token
from cgraph.realtime.connection_store import SocketEntry, connections_key
from cgraph.realtime.connections import (
    SOCKETS_KEY,
    TICKET_SECONDS,
    ended_session_key,
    lockout_key,
    require_no_lockout,
)
from cgraph.realtime.required_cache import run
from cgraph.realtime.subscription_store import socket_key

_OPEN = cache.Script(
    """
local ticket, sockets, lockout, ended = unpack(KEYS)
local holder = redis.call('GETDEL', ticket)
if not holder then return {'unknown', 0} end
local lockout_ms = redis.call('PTTL', lockout)
if lockout_ms > 0 then return {'locked_out', lockout_ms} end
if redis.call('EXISTS', ended) == 1 then return {'ended', 0} end
redis.call('HSET', sockets, ARGV[1], ARGV[2])
redis.call('EXPIRE', sockets, ARGV[3])
return {'opened', 0, holder}
"""
)
"""All that is known of a ticket has the hash tag of its user. It holds `<standing>|<scopes>`."""

ALL_SCOPES = "*"
"""What the ticket of a session has; that of an API token has its scopes."""


async def store_ticket(ticket: Token, *, standing: str, scopes: Scopes | None) -> None:
    """`standing`, `scopes`: of the caller. Raises RateLimited after a flood of frames from the
    session, RealtimeUnavailable.
    """
    held = ALL_SCOPES if scopes is None else " ".join(sorted(scopes))
    _, lockout_ms = await run(
        ("SET", _ticket_key(ticket), f"{standing}|{held}", "EX", TICKET_SECONDS),
        ("PTTL", lockout_key(ticket.user_id, ticket.session_id)),
    )
    require_no_lockout(lockout_ms)


async def open_connection(id: str, *, ticket: Token, network: Network) -> None:
    """Spends the ticket and stores the connection. Raises InvalidToken, RateLimited (also after too
    many unknown tickets and tokens from there), RealtimeUnavailable.
    """
    opened_at, life = int(time.time()), settings().socket_life_seconds
    user, session = ticket.user_id, ticket.session_id
    entry = SocketEntry(opened_at + life, short(session), listens=False)
    call = _OPEN.call(
        keys=[
            _ticket_key(ticket),
            connections_key(user),
            lockout_key(user, session),
            ended_session_key(user, session),
        ],
        arguments=[id, str(entry), life],
    )
    # The script comes last: what closes the sockets of a session finds this one in the user's hash,
    # and then deletes all of it.
    who = f"{short(user)} {short(session)} {opened_at}"
    *_, (state, lockout_ms, *holder) = await run(
        ("HSET", socket_key(id), "who", who),
        ("EXPIRE", socket_key(id), life),
        ("ZADD", SOCKETS_KEY, entry.expires, id),
        call,
        scripts=[_OPEN],
    )
    if state == "opened":
        await _note_holder(id, who, *holder)
        return
    await run(("DEL", socket_key(id)), ("ZREM", SOCKETS_KEY, id))  # of a socket that never opens
    require_no_lockout(lockout_ms)
    if state == "ended":
        raise InvalidToken("The session has ended: log in again")
    (await address_limits.take(UNKNOWN_TOKEN, network=network)).require()
    raise InvalidToken("The ticket is unknown, was used before or is older than 30 s")


async def _note_holder(id: str, who: str, holder: str) -> None:
    """What the ticket says of who opens the socket. API Gateway takes no frame before the handshake
    is answered.
    """
    standing, _, scopes = holder.partition("|")
    noted = []
    if standing:
        noted += ["standing", standing]
    if scopes != ALL_SCOPES:
        noted += ["who", f"{who} scopes {scopes}"]
    if noted:
        await run(("HSET", socket_key(id), *noted))


def _ticket_key(ticket: Token) -> str:
    return f"ticket:{{{ticket.user_id}}}:{ticket.hash.hex()}"
