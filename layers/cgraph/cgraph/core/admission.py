"""Authentication and rate limit: one round trip to Valkey at the start of each request.

The session and the limit have one hash tag, the user's id, which the token carries. A session that
Valkey does not have is read from Postgres and stored there; it stays for at most SESSION_SECONDS,
which bounds how long a token lives on if its deletion is lost. What Valkey holds of a token:
`live`, and for an API token also its scopes; `grace` (a newer one has replaced it, and it lives on
for some seconds); `expired`; `ended`.

In the same call a request that writes marks its user, and any other learns how long ago the last
mark was set (see recent_changes).

A token that Valkey has not seen issued may be forged, so its address has a budget of such tokens
(UNKNOWN_TOKEN), which is counted before Postgres is asked; a token that Postgres knows costs
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cgraph.core import (
    address_limits,
    cache,
    database,
    issued_tokens,
    limits,
    recent_changes,
    sessions,
)
from cgraph.core.addresses import network_of
from cgraph.core.caller import Admission, Caller
from cgraph.core.errors import InvalidToken, TokenExpired
from cgraph.core.ids import UserId
from cgraph.core.limits import GCRA, UNKNOWN_TOKEN, Allowance, Limit, parse_allowance
from cgraph.core.policies import Policy
from cgraph.core.scopes import Scopes, require_scope
from cgraph.core.sessions import StoredSession
from cgraph.core.settings import settings
from cgraph.core.tokens import Kind, Token, parse_bearer_token

SESSION_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """`changes`: as in `admit`."""

    limit: Limit
    changes: bool


@dataclass(frozen=True, slots=True)
class _Granted:
    """`scopes`, `lag_ms_at_most`: see Caller."""

    allowance: Allowance
    scopes: Scopes | None
    lag_ms_at_most: int = 0


_ADMIT = cache.Script(
    GCRA
    + recent_changes.MARK
    + """
local session = redis.call('GET', KEYS[1])
if session == 'ended' or session == 'expired' then return session end
if ARGV[3] ~= '' then
  if session ~= 'grace' then
    session = ARGV[4]
    redis.call('SET', KEYS[1], session, 'PX', ARGV[3])
  end
elseif not session then
  return redis.call('EXISTS', KEYS[3]) == 1 and 'issued' or 'unknown'
end
local answer = {take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
answer[5] = session
if not KEYS[4] then return answer end
if ARGV[5] == '1' or ARGV[3] ~= '' then
  mark_change(KEYS[4])
  answer[6] = 0
else
  answer[6] = since_change(KEYS[4])
end
return answer
"""
)

_REPLACE = cache.Script(
    "if redis.call('GET', KEYS[1]) ~= 'ended' then"
    " redis.call('SET', KEYS[1], 'grace', 'PX', ARGV[1]) end"
)


async def admit(
    text: str, *, address: str, limit: Limit, policy: Policy, scope: str, changes: bool
) -> Admission:
    """`address`: of the request. `changes`: whether it may change what the user reads. Raises
    InvalidToken, TokenExpired, ScopeMissing, and RateLimited if too many unknown tokens came from
    there. A refusal by the rate limit of the user is in `allowance`.
    """
    token, asked = parse_bearer_token(text), _Asked(limit, changes)
    try:
        granted = await _admit_session(token, asked)
        if isinstance(granted, str):
            granted = await _admit_checked(token, asked, state=granted, address=address)
    except cache.CacheUnavailable:
        stored = await _check_unknown(token, address=address)
        if stored.usable_ms <= 0:
            raise TokenExpired from None
        granted = _Granted(
            limits.take_locally(limit, subject=str(token.user_id)), _scopes_of(stored)
        )
    require_scope(scope, granted=granted.scopes)
    if changes:
        recent_changes.write_admitted(token.user_id)
    caller = Caller(token.user_id, token.session_id, policy, granted.lag_ms_at_most, granted.scopes)
    return Admission(caller, granted.allowance, limits.mode())


async def revoke_tokens(user_id: UserId, access_hashes: Sequence[bytes]) -> None:
    """Marks the tokens as ended in Valkey; deleting them is not enough, since a request that has
    just read one from Postgres would store it again. Without Valkey they may live on for
    SESSION_SECONDS.
    """
    user, digests = str(user_id), [access_hash.hex() for access_hash in access_hashes]
    try:
        await cache.run(
            *(
                ("SET", _session_key(user, each), "ended", "EX", SESSION_SECONDS)
                for each in digests
            ),
            *(("DEL", issued_tokens.key_of(user, each)) for each in digests),
        )
    except cache.CacheUnavailable:
        return


async def replace_token(user_id: UserId, access_hash: bytes, *, grace_ms: int) -> None:
    """Lets a token that a newer one has replaced live on for `grace_ms`, unless it has ended.
    Without Valkey it may live on for SESSION_SECONDS.
    """
    key = _session_key(str(user_id), access_hash.hex())
    call = _REPLACE.call(keys=[key], arguments=[grace_ms])
    try:
        await cache.run(call, scripts=[_REPLACE])
    except cache.CacheUnavailable:
        return


async def _admit_checked(token: Token, asked: _Asked, *, state: str, address: str) -> _Granted:
    """`state`: why Valkey does not admit the token. Raises InvalidToken, TokenExpired, RateLimited,
    CacheUnavailable.
    """
    if state == "issued":
        stored = await _check_issued(token)
    elif state == "unknown":
        stored = await _check_unknown(token, address=address)
    else:
        raise TokenExpired if state == "expired" else InvalidToken
    if stored.usable_ms <= 0:
        await cache.run(_expired(token))
        raise TokenExpired
    granted = await _admit_session(token, asked, stored=stored)
    if isinstance(granted, str):  # it ended between the two
        raise InvalidToken
    return granted


async def _admit_session(
    token: Token, asked: _Asked, *, stored: StoredSession | None = None
) -> _Granted | str:
    """What Valkey holds of the token where that does not admit it. `stored`: what Postgres knows of
    it, which Valkey then keeps. Raises CacheUnavailable.
    """
    user, digest, limit = str(token.user_id), token.hash.hex(), asked.limit
    keys = [
        _session_key(user, digest),
        f"limit:{{{user}}}:{limit.name}",
        issued_tokens.key_of(user, digest),
    ]
    usable_ms = min(stored.usable_ms, SESSION_SECONDS * 1000) if stored else ""
    live = " ".join(["live", *(stored.scopes or ())]) if stored else ""
    arguments = [limit.interval(limits.mode()), limit.burst, usable_ms, live]
    if settings().has_reader:
        keys.append(recent_changes.key_of(user))
        arguments.append(int(asked.changes))
    answer, _ = await limits.run_script(_ADMIT.call(keys=keys, arguments=arguments), script=_ADMIT)
    if isinstance(answer, str):
        return answer
    scopes = frozenset(answer[4].split()[1:]) if token.kind is Kind.API else None
    lag = map(recent_changes.lag_ms_at_most, answer[5:])
    return _Granted(parse_allowance(limit, answer), scopes, *lag)


async def _check_unknown(token: Token, *, address: str) -> StoredSession:
    """As `_check_session`, within the budget of the address. Raises RateLimited too."""
    network = network_of(address)
    (await address_limits.take(UNKNOWN_TOKEN, network=network)).require()
    async with address_limits.given_back(UNKNOWN_TOKEN, network=network, unless=InvalidToken):
        return await _check_session(token)


async def _check_issued(token: Token) -> StoredSession:
    """As `_check_session`; a token that has ended is asked for once."""
    try:
        return await _check_session(token)
    except InvalidToken:
        await revoke_tokens(token.user_id, [token.hash])
        raise


async def _check_session(token: Token) -> StoredSession:
    """In Postgres. The token may have expired. Raises InvalidToken, DatabaseUnavailable."""
    if token.kind is Kind.API:
        async with database.autocommit() as tx:
            session = await sessions.use_api_token(tx, token=token)
    else:
        async with database.reading() as tx:
            session = await sessions.session_of(tx, token=token)
    if session is None or not session.current or not session.live:
        raise InvalidToken
    return session


def _scopes_of(stored: StoredSession) -> Scopes | None:
    return None if stored.scopes is None else frozenset(stored.scopes)


def _expired(token: Token) -> cache.Command:
    key = _session_key(str(token.user_id), token.hash.hex())
    return ("SET", key, "expired", "EX", SESSION_SECONDS)


def _session_key(user_id: str, digest: str) -> str:
    return f"session:{{{user_id}}}:{digest}"
