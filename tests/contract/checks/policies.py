"""Each route and each action says who may call it and how often, and asks for what it says."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout, Declared, Kind
from tests.contract.probing import Probe

UNLIMITED = frozenset(("CheckHealth", "CheckReadiness", "RefuseUnknownRoute"))
"""Anyone may call these as often as they like: what they do is cheap and says nothing."""

NO_ACTION = frozenset(("Connect", "Disconnect", "Default"))
"""Routes of the socket that do nothing for anybody; a ticket opens it, each frame is admitted."""

CONTEXT = ("roles", "author", "direct", "target")
"""What a policy asks of the caller's relation to the thing, which `require` alone decides."""

ADMISSION = "cgraph.core.http._admit"
REQUIRE = "cgraph.core.policies.require"


def every_route_says_who_may(checkout: Checkout) -> Iterator[str]:
    for function, probe in _probed(checkout, Kind.HTTP):
        where = f"functions/{function.file}"
        if probe.policy is None:
            yield f"{where} declares no policy: make its app with new_app(policies.…, limit=…)"
        elif probe.policy["signed_in"]:
            yield from _for_those_signed_in(where, probe)
        else:
            yield from _for_anyone(function.name, where, probe)


def every_action_says_who_may(checkout: Checkout) -> Iterator[str]:
    for function, probe in _probed(checkout, Kind.SOCKET):
        where = f"functions/{function.file}"
        if function.name in NO_ACTION:
            continue
        if probe.policy is None:
            yield f"{where} declares no policy: frame_handler(…, policy=policies.…)"
        elif not probe.policy["signed_in"]:
            yield f"{where} is for anyone, but a socket is somebody's: correct its policy"


def what_is_declared_is_enforced(checkout: Checkout) -> Iterator[str]:
    """A route whose policy depends on what the caller is to the thing leads to the one place that
    checks it.
    """
    for kind in (Kind.HTTP, Kind.SOCKET):
        for function, probe in _probed(checkout, kind):
            policy = probe.policy
            if policy is None or REQUIRE in probe.leads_to:
                continue
            if any(policy[each] for each in CONTEXT):
                yield (
                    f"functions/{function.file} is for: {policy['who']}, and nothing asks: its "
                    "action must lead to policies.require(caller.policy, context, not_found=…)"
                )


def _for_those_signed_in(where: str, probe: Probe) -> Iterator[str]:
    assert probe.policy is not None
    if ADMISSION not in probe.dependencies:
        yield f"{where} is for: {probe.policy['who']}, but asks for no caller: CurrentUser"
    if probe.limit is None:
        yield f"{where} has no limit: new_app(…, limit=limits.READ or limits.WRITE)"


def _for_anyone(name: str, where: str, probe: Probe) -> Iterator[str]:
    assert probe.policy is not None
    if (probe.limit is None) != (name in UNLIMITED):
        yield (
            f"{where} is for anyone: give it a limit, or, if it touches nothing, list it in "
            "tests/contract/checks/policies.py (and take off the list what has a limit)"
        )
    if ADMISSION in probe.dependencies:
        yield f"{where} is said to be for anyone but asks for a caller: correct its policy"
    if any(probe.policy[each] for each in CONTEXT):
        yield f"{where} is said to be for anyone and for some: correct its policy"


def _probed(checkout: Checkout, kind: Kind) -> Iterator[tuple[Declared, Probe]]:
    for function in checkout.of_kind(kind):
        probe = checkout.probes.get(function.name)
        if probe is not None and not probe.error:
            yield function, probe
