"""Rate limits of senders whom no session vouches for, counted by the address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cgraph.core import cache, limits
from cgraph.core.addresses import Network
from cgraph.core.limits import GCRA, Allowance, Limit

SITE_SHARE = 4
"""A /48 may send as much as so many of its /64."""

_TAKE_ALL = cache.Script(GCRA + "return take_all(#KEYS)")
_GIVE_BACK = cache.Script(
    GCRA + "for place, key in ipairs(KEYS) do give_back(key, tonumber(ARGV[place])) end"
)


async def take(*several: Limit, network: Network) -> Allowance:
    """Counts one request against each of these limits if all of them allow it; returns what the
    tightest answered. Never raises: without Valkey it counts in this process.
    """
    budgets = [budget for limit in several for budget in _budgets(limit, network)]
    call = _TAKE_ALL.call(
        keys=[key for _, key, *_ in budgets],
        arguments=[number for _, _, *numbers in budgets for number in numbers],
    )
    try:
        answer, _ = await limits.run_script(call, script=_TAKE_ALL)
    except cache.CacheUnavailable:
        return limits.take_all_locally(*((limit, _subject(network)) for limit in several))
    return limits.parse_allowance(budgets[int(answer[4]) - 1][0], answer)


async def give_back(limit: Limit, *, network: Network) -> None:
    """Undoes one `take`. Never raises."""
    budgets = _budgets(limit, network)
    call = _GIVE_BACK.call(
        keys=[key for _, key, *_ in budgets], arguments=[interval for _, _, interval, _ in budgets]
    )
    try:
        await limits.run_script(call, script=_GIVE_BACK)
    except cache.CacheUnavailable:
        limits.give_back_locally(limit, subject=_subject(network))


@asynccontextmanager
async def given_back(
    limit: Limit, *, network: Network, unless: type[Exception]
) -> AsyncIterator[None]:
    """Gives one `take` back at the end, unless the block raises that exception."""
    try:
        yield
    except unless:
        raise
    except Exception:
        await give_back(limit, network=network)
        raise
    await give_back(limit, network=network)


def _budgets(limit: Limit, network: Network) -> list[tuple[Limit, str, int, int]]:
    """Limit, key, interval and burst of the sender, and with IPv6 also of the /48. Both keys have
    one hash tag.
    """
    interval = limit.interval(limits.mode())
    site = f"limit:{{{_subject(Network(network.site))}}}:{limit.name}"
    if not network.subnet:
        return [(limit, site, interval, limit.burst)]
    return [
        (limit, f"{site}:{network.subnet}", interval, limit.burst),
        (limit, site, interval // SITE_SHARE, limit.burst * SITE_SHARE),
    ]


def _subject(network: Network) -> str:
    return f"address:{network}"
