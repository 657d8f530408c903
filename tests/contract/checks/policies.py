"""Each route says who may call it and how often, and asks for what it says."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout, Kind

ANYONE = "anyone"
UNLIMITED = frozenset(("CheckHealth", "CheckReadiness", "RefuseUnknownRoute"))
"""Anyone may call these as often as they like: what they do is cheap and says nothing."""


def every_route_says_who_may(checkout: Checkout) -> Iterator[str]:
    for function in checkout.of_kind(Kind.HTTP):
        probe = checkout.probes.get(function.name)
        if probe is None or probe.error:
            continue
        where = f"functions/{function.file}"
        if probe.policy is None:
            yield f"{where} declares no policy: make its app with new_app(policies.…, limit=…)"
        elif probe.policy != ANYONE and "cgraph.http._admit" not in probe.dependencies:
            yield f"{where} is for those {probe.policy}, but asks for no caller: CurrentUser"
        elif probe.policy != ANYONE and probe.limit is None:
            yield f"{where} has no limit: new_app(…, limit=limits.READ or limits.WRITE)"
        elif probe.policy == ANYONE and (probe.limit is None) != (function.name in UNLIMITED):
            yield (
                f"{where} is for anyone: give it a limit, or, if it touches nothing, list it in "
                "tests/contract/checks/policies.py (and take off the list what has a limit)"
            )
        elif probe.policy == ANYONE and "cgraph.http._admit" in probe.dependencies:
            yield f"{where} is said to be for anyone but asks for a caller: correct its policy"
