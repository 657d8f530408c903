"""How often a password or a code may be guessed.

Nobody is locked out by somebody else: who guesses has a budget of their own, which is the known
device, the session of a signed-in caller, or else the address. Addresses, of which an attacker has
many, also share a budget for each login; those from which the account was used before share another
one, so strangers cannot use it up. Together with the two names that an account has (username and
e-mail address) that makes 92 guesses in the first hour from any number of addresses.

A login is what was typed, so that nothing tells which username and which e-mail address belong
together. A right answer is not counted.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from cgraph.core import cache, limits
from cgraph.core.addresses import Network
from cgraph.core.caller import Caller, Sender
from cgraph.core.limits import CODE, CODE_SHARED, GCRA, PASSWORD, PASSWORD_SHARED, Allowance, Limit

KNOWN_SECONDS = 60 * 24 * 60 * 60
"""How long an address, or a device, is known after the last log-in."""

_TAKE = cache.Script(
    GCRA
    + """
if KEYS[4] and redis.call('EXISTS', KEYS[4]) == 1 then KEYS[2] = KEYS[3] end
return {KEYS[2] or '', take_all(KEYS[2] and 2 or 1)}
"""
)
_GIVE_BACK = cache.Script(
    GCRA + "for place, key in ipairs(KEYS) do give_back(key, tonumber(ARGV[place])) end"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`login`: for what the attempts are counted. `origin`: who has a budget of their own.
    `network`: of an address, which also shares one; None for a device or a session.
    """

    login: str
    origin: str
    network: Network | None = None

    @classmethod
    def of_sender(cls, sender: Sender, *, login: str, user_id: UUID | None) -> Self:
        """`user_id`: of the account that `login` stands for, if there is one."""
        device = sender.voucher
        if device is not None and device.user_id == user_id:
            return cls(login, f"device:{device.session_id}")
        return cls(login, f"address:{sender.network}", sender.network)

    @classmethod
    def of_caller(cls, caller: Caller) -> Self:
        return cls(f"user:{caller.id}", f"session:{caller.session_id}")


def login_key(login: str, *, user_id: UUID | None) -> str:
    """The same for all spellings of a login: an account has two, by username and by e-mail
    address.
    """
    if user_id is None:
        return hashlib.sha256(login.lower().encode()).hexdigest()[:32]
    return f"{'email' if '@' in login else 'username'}:{user_id}"


def code_key(user_id: UUID) -> str:
    return f"code:{user_id}"


async def take_password(attempt: Attempt) -> "Taken":
    """Counts a guess at a password. Raises RateLimited."""
    return await _take(attempt, own=PASSWORD, shared=PASSWORD_SHARED)


async def take_code(attempt: Attempt) -> "Taken":
    """Counts a guess at a code of the second factor. Raises RateLimited."""
    return await _take(attempt, own=CODE, shared=CODE_SHARED)


async def remember_network(network: Network, *, user_id: UUID) -> None:
    """The account has been used from there. Never raises: without Valkey it stays unknown."""
    logins = (f"username:{user_id}", f"email:{user_id}", code_key(user_id))
    try:
        await cache.run(
            *(("SET", _known_key(login, network), 1, "EX", KNOWN_SECONDS) for login in logins)
        )
    except cache.CacheUnavailable:
        return


@dataclass(frozen=True, slots=True)
class Taken:
    """A guess that was counted, and the budgets that count it."""

    counted_by: Sequence[Limit]
    keys: Sequence[str]

    async def give_back(self) -> None:
        """The guess was right. Never raises."""
        call = _GIVE_BACK.call(
            keys=self.keys, arguments=[limit.interval(limits.mode()) for limit in self.counted_by]
        )
        try:
            await limits.run_script(call, script=_GIVE_BACK)
        except cache.CacheUnavailable:
            for limit, key in zip(self.counted_by, self.keys, strict=True):
                limits.give_back_locally(limit, subject=key)


async def _take(attempt: Attempt, *, own: Limit, shared: Limit) -> Taken:
    slot = f"limit:{{{attempt.login}}}"
    keys, several = [f"{slot}:{own.name}:{attempt.origin}"], [own]
    if attempt.network is not None:
        keys += [f"{slot}:{shared.name}:{kind}" for kind in ("strangers", "known")]
        keys.append(_known_key(attempt.login, attempt.network))
        several.append(shared)
    numbers = [n for each in several for n in (each.interval(limits.mode()), each.burst)]
    try:
        answer, _ = await limits.run_script(_TAKE.call(keys=keys, arguments=numbers), script=_TAKE)
    except cache.CacheUnavailable:
        keys = keys[: len(several)]
        allowance = limits.take_all_locally(*zip(several, keys, strict=True))
    else:
        keys = [keys[0], answer[0]][: len(several)]
        allowance = limits.parse_allowance(own, answer[1])
    _require(allowance, limit=own)
    return Taken(several, keys)


def _require(allowance: Allowance, *, limit: Limit) -> None:
    """Names one limit, whichever of the two refuses."""
    Allowance(
        limit, allowance.allowed, allowance.remaining, allowance.retry_after_ms, allowance.reset_ms
    ).require()


def _known_key(login: str, network: Network) -> str:
    """Without the address itself, which nobody has to keep for so long."""
    digest = hashlib.sha256(f"{login} {network}".encode()).hexdigest()[:32]
    return f"known:{{{login}}}:{digest}"
