"""Authentication and rate limit: one round trip to Valkey at the start of each request.

The session and the limit have one hash tag, the user's id, which the token carries. A session that
Valkey does not have is read from Postgres and stored there; it stays for at most SESSION_SECONDS,
which bounds how long a token lives on if its deletion is lost.
"""

from collections.abc import Sequence

from cgraph.core import cache, database, limits, sessions
from cgraph.core.caller import Admission, Caller
from cgraph.core.errors import InvalidToken, TokenExpired
from cgraph.core.ids import UserId
from cgraph.core.limits import GCRA, Allowance, Limit, parse_allowance, take_locally
from cgraph.core.policies import Policy
from cgraph.core.tokens import Kind, Token, parse_token

SESSION_SECONDS = 300

_ADMIT = cache.Script(
    GCRA
    + """
local session = redis.call('GET', KEYS[1])
if session == 'ended' then return false end
if ARGV[1] == 'known' then
  redis.call('SET', KEYS[1], 'live', 'EX', ARGV[2])
elseif not session then
  return false
end
return {take(KEYS[2], tonumber(ARGV[3]), tonumber(ARGV[4]))}
"""
)


async def admit(text: str, *, limit: Limit, policy: Policy) -> Admission:
    """Raises InvalidToken, TokenExpired. A refusal by the rate limit is in `allowance`."""
    token = parse_token(text, kind=Kind.ACCESS)
    try:
        granted = await _admit_session(token, limit=limit, known=False)
        if granted is None:
            await _check_session(token)
            granted = await _admit_session(token, limit=limit, known=True)
            if granted is None:  # it ended between the two
                raise InvalidToken
    except cache.CacheUnavailable:
        await _check_session(token)
        granted = take_locally(limit, subject=str(token.user_id))
    return Admission(Caller(token.user_id, token.session_id, policy), granted, limits.mode())


async def revoke_tokens(user_id: UserId, access_hashes: Sequence[bytes]) -> None:
    """Marks the tokens as ended in Valkey; deleting them is not enough, since a request that has
    just read one from Postgres would store it again. Without Valkey they may live on for
    SESSION_SECONDS.
    """
    keys = [_session_key(str(user_id), access_hash) for access_hash in access_hashes]
    try:
        await cache.run(*(("SET", key, "ended", "EX", SESSION_SECONDS) for key in keys))
    except cache.CacheUnavailable:
        return


async def _admit_session(token: Token, *, limit: Limit, known: bool) -> Allowance | None:
    """None where Valkey does not know the session. Raises CacheUnavailable."""
    user = str(token.user_id)
    arguments = [SESSION_SECONDS, limit.interval(limits.mode()), limit.burst]
    call = _ADMIT.call(
        keys=[_session_key(user, token.hash), f"limit:{{{user}}}:{limit.name}"],
        arguments=["known" if known else "", *arguments],
    )
    answer, _ = await limits.run_script(call, script=_ADMIT)
    return parse_allowance(limit, answer) if answer else None


async def _check_session(token: Token) -> None:
    """In Postgres. Raises InvalidToken, TokenExpired, DatabaseUnavailable."""
    async with database.reading() as tx:
        session = await sessions.session_of(tx, token=token)
    if session is None or not session.current or not session.live:
        raise InvalidToken
    if not session.fresh:
        raise TokenExpired


def _session_key(user_id: str, access_hash: bytes) -> str:
    return f"session:{{{user_id}}}:{access_hash.hex()}"
