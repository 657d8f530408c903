"""Which tokens were issued, as far as Valkey remembers: a token that it knows is not forged, so the
request counts for its owner and not for its address. It says nothing about whether the token is
still valid.
"""

from collections.abc import Mapping

from cgraph.core import cache, limits
from cgraph.core.limits import GCRA, Allowance, Limit
from cgraph.core.tokens import Token

_VOUCH = cache.Script(
    GCRA
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
return {take(KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))}
"""
)


async def remember(lifetimes: Mapping[Token, int]) -> None:
    """`lifetimes`: in seconds. Never raises: without Valkey they stay unknown."""
    try:
        await cache.run(
            *(("SET", _key(token), 1, "EX", seconds) for token, seconds in lifetimes.items())
        )
    except cache.CacheUnavailable:
        return


async def take(limit: Limit, *, token: Token) -> Allowance | None:
    """Counts one request against the session that the token belongs to. None if it is not known to
    be issued, or Valkey is away.
    """
    subject = f"{{{token.user_id}}}:{limit.name}:{token.session_id}"
    call = _VOUCH.call(
        keys=[_key(token), f"limit:{subject}"],
        arguments=[limit.interval(limits.mode()), limit.burst],
    )
    try:
        answer, _ = await limits.run_script(call, script=_VOUCH)
    except cache.CacheUnavailable:
        return None
    return limits.parse_allowance(limit, answer) if answer else None


def key_of(user_id: str, digest: str) -> str:
    """`digest`: the hash of the token, in hexadecimal."""
    return f"issued:{{{user_id}}}:{digest}"


def _key(token: Token) -> str:
    return key_of(str(token.user_id), token.hash.hex())
