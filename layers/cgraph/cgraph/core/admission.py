"""Authentication and rate limit: one round trip to Valkey at the start of each request.

The session and the limit have one hash tag, the user's id, which the token carries. A session that
Valkey does not have is read from Postgres and stored there; it stays for at most SESSION_SECONDS,
which bounds how long a token lives on if its deletion is lost. What Valkey holds of a token:
`live`; `grace` (a newer one has replaced it, and it lives on for some seconds); `expired`; `ended`.
The first two go on with who holds it, `<standing>|<scopes>`: what the account lacks (see
`standing`), or `?` where that is not known, and the scopes of an API token. A request that is
refused for its standing asks Postgres first, so that a verified address counts at once.

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
from cgraph.core.standing import REFUSALS, Standing, refused_by, standing
from cgraph.core.tokens import Kind, Token, parse_bearer_token

SESSION_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """`changes`: as in `admit`. `refused`: accounts that the policy does not admit."""

    limit: Limit
    changes: bool
    refused: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class _Granted:
    """`standing`, `scopes`, `lag_ms_at_most`: see Caller."""

    allowance: Allowance
    standing: Standing
    scopes: Scopes | None
    lag_ms_at_most: int = 0


_ADMIT = cache.Script(
    GCRA
    + recent_changes.MARK
    + """
local session = redis.call('GET', KEYS[1])
if session == 'ended' or session == 'expired' then return session end
local holder
if ARGV[3] ~= '' then
  holder = ARGV[4]
  if session and string.sub(session, 1, 5) == 'grace' then
    redis.call('SET', KEYS[1], 'grace ' .. holder, 'KEEPTTL')
  else
    redis.call('SET', KEYS[1], 'live ' .. holder, 'PX', ARGV[3])
  end
elseif not session then
  return redis.call('EXISTS', KEYS[3]) == 1 and 'issued' or 'unknown'
else
  holder = string.match(session, ' (.*)')
  local standing = string.match(holder, '[^|]*')
  if standing ~= '' and ARGV[5] ~= '' and
    (standing == '?' or string.find(ARGV[5], standing, 1, true)) then return 'refused' end
end
local answer = {take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
answer[5] = holder
if not KEYS[4] then return answer end
if ARGV[6] == '1' or ARGV[3] ~= '' then
  mark_change(KEYS[4])
  answer[6] = 0
else
  answer[6] = since_change(KEYS[4])
end
return answer
"""
)

_REPLACE = cache.Script(
    "local session = redis.call('GET', KEYS[1]) "
    "if session ~= 'ended' then"
    " local holder = session and string.match(session, ' (.*)') or '?|'"
    " redis.call('SET', KEYS[1], 'grace ' .. holder, 'PX', ARGV[1]) end"
)


async def admit(
    text: str, *, address: str, limit: Limit, policy: Policy, scope: str, changes: bool
) -> Admission:
    """`address`: of the request. `changes`: whether it may change what the user reads. Raises
    InvalidToken, TokenExpired, EmailNotVerified, AccountNotApproved, ScopeMissing, and RateLimited
    if too many unknown tokens came from there. A refusal by the rate limit of the user is in
    `allowance`.
    """
    token = parse_bearer_token(text)
    asked = _Asked(limit, changes, refused_by(policy, changes=changes))
    try:
        granted = await _admit_session(token, asked)
        if isinstance(granted, str):
            granted = await _admit_checked(token, asked, state=granted, address=address)
    except cache.CacheUnavailable:
        session = await _check_unknown(token, address=address)
        if session.usable_ms <= 0:
            raise TokenExpired from None
        allowance = limits.take_locally(limit, subject=str(token.user_id))
        granted = _Granted(allowance, _standing(session), _scopes(session))
        granted = _require_standing(granted, asked)
    require_scope(scope, granted=granted.scopes)
    if changes:
        recent_changes.write_admitted(token.user_id)
    caller = Caller(
        token.user_id,
        token.session_id,
        policy,
        granted.lag_ms_at_most,
        standing=granted.standing,
        scopes=granted.scopes,
    )
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
    EmailNotVerified, AccountNotApproved, CacheUnavailable.
    """
    if state in ("issued", "refused"):
        session = await _check_issued(token)
    elif state == "unknown":
        session = await _check_unknown(token, address=address)
    else:
        raise TokenExpired if state == "expired" else InvalidToken
    if session.usable_ms <= 0:
        await cache.run(_expired(token))
        raise TokenExpired
    granted = await _admit_session(token, asked, session=session)
    if isinstance(granted, str):  # it ended between the two
        raise InvalidToken
    return _require_standing(granted, asked)


def _require_standing(granted: _Granted, asked: _Asked) -> _Granted:
    """Raises RateLimited first, so that asking for what is refused has a limit too;
    EmailNotVerified, AccountNotApproved.
    """
    if granted.standing in asked.refused:
        granted.allowance.require()
        raise REFUSALS[granted.standing]
    return granted


def _standing(session: StoredSession) -> Standing:
    return standing(verified=session.verified, approved=session.approved)


def _scopes(session: StoredSession) -> Scopes | None:
    return None if session.scopes is None else frozenset(session.scopes)


async def _admit_session(
    token: Token, asked: _Asked, *, session: StoredSession | None = None
) -> _Granted | str:
    """What Valkey holds of the token where that does not admit it. `session`: as Postgres knows it.
    Raises CacheUnavailable.
    """
    known: tuple[int | str, str] = ("", "")
    if session is not None:
        holder = f"{_standing(session)}|{' '.join(session.scopes or ())}"
        known = (min(session.usable_ms, SESSION_SECONDS * 1000), holder)
    user, digest, limit = str(token.user_id), token.hash.hex(), asked.limit
    keys = [
        _session_key(user, digest),
        f"limit:{{{user}}}:{limit.name}",
        issued_tokens.key_of(user, digest),
    ]
    arguments: list[int | str] = [limit.interval(limits.mode()), limit.burst, *known]
    arguments.append(" ".join(asked.refused))
    if settings().has_reader:
        keys.append(recent_changes.key_of(user))
        arguments.append(int(asked.changes))
    answer, _ = await limits.run_script(_ADMIT.call(keys=keys, arguments=arguments), script=_ADMIT)
    if isinstance(answer, str):
        return answer
    lacks, _, scopes = answer[4].partition("|")
    return _Granted(
        parse_allowance(limit, answer),
        Standing(lacks if lacks != "?" else ""),  # which no policy of this request refuses
        frozenset(scopes.split()) if token.kind is Kind.API else None,
        *map(recent_changes.lag_ms_at_most, answer[5:]),
    )


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
    """In Postgres. It may have expired. Raises InvalidToken, DatabaseUnavailable."""
    if token.kind is Kind.API:
        async with database.autocommit() as tx:
            session = await sessions.use_api_token(tx, token=token)
    else:
        async with database.reading() as tx:
            session = await sessions.session_of(tx, token=token)
    if session is None or not session.current or not session.live:
        raise InvalidToken
    return session


def _expired(token: Token) -> cache.Command:
    key = _session_key(str(token.user_id), token.hash.hex())
    return ("SET", key, "expired", "EX", SESSION_SECONDS)


def _session_key(user_id: str, digest: str) -> str:
    return f"session:{{{user_id}}}:{digest}"
