"""Each route and each action declares who may call it and how often, and enforces it."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout, DeclaredFunction, Kind
from tests.contract.probing import Probe

UNLIMITED = frozenset(("CheckHealth", "CheckReadiness", "RefuseUnknownRoute"))
"""Functions without a rate limit: they are cheap and return nothing private."""

WITHOUT_POLICY = frozenset(("Connect", "Disconnect", "Default"))
"""Socket routes without a policy: a ticket authorizes the handshake, and each frame is checked."""

CONTEXT_FIELDS = ("roles", "author", "direct", "target")
"""Fields of a policy about the caller's relation to the target, which only `require` checks."""

ADMISSION = "cgraph.core.http._admit"
REQUIRE = "cgraph.core.policies.require"


def every_route_declares_a_policy(checkout: Checkout) -> Iterator[str]:
    for function, probe in _probed(checkout, Kind.HTTP):
        where = f"functions/{function.file}"
        if probe.policy is None:
            yield f"{where} declares no policy: make its app with new_app(policies.…, limit=…)"
        elif probe.policy["signed_in"]:
            yield from _signed_in_problems(where, probe)
        else:
            yield from _public_problems(function.name, where, probe)


def every_action_declares_a_policy(checkout: Checkout) -> Iterator[str]:
    for function, probe in _probed(checkout, Kind.SOCKET):
        where = f"functions/{function.file}"
        if function.name in WITHOUT_POLICY:
            continue
        if probe.policy is None:
            yield f"{where} declares no policy: frame_handler(…, policy=policies.…)"
        elif not probe.policy["signed_in"]:
            yield f"{where} is for anyone, but a socket belongs to a user: correct it"


def declared_policies_are_enforced(checkout: Checkout) -> Iterator[str]:
    """A route whose policy depends on the caller's relation to the target calls `require`, directly
    or through other functions.
    """
    for kind in (Kind.HTTP, Kind.SOCKET):
        for function, probe in _probed(checkout, kind):
            policy = probe.policy
            if policy is None or REQUIRE in probe.leads_to:
                continue
            if any(policy[each] for each in CONTEXT_FIELDS):
                yield (
                    f"functions/{function.file} is for: {policy['who']}, but nothing checks it: "
                    "its action must lead to policies.require(caller.policy, context, not_found=…)"
                )


def _signed_in_problems(where: str, probe: Probe) -> Iterator[str]:
    assert probe.policy is not None
    if ADMISSION not in probe.dependencies:
        yield f"{where} is for: {probe.policy['who']}, but requires no caller: add CurrentUser"
    if probe.limit is None:
        yield f"{where} has no limit: new_app(…, limit=limits.READ or limits.WRITE)"


def _public_problems(name: str, where: str, probe: Probe) -> Iterator[str]:
    assert probe.policy is not None
    if (probe.limit is None) != (name in UNLIMITED):
        yield (
            f"{where} is for anyone: give it a limit, or, if it is cheap, list it in "
            "tests/contract/checks/policies.py (and remove those with a limit from the list)"
        )
    if ADMISSION in probe.dependencies:
        yield f"{where} is for anyone, but requires a caller: correct its policy"
    if any(probe.policy[each] for each in CONTEXT_FIELDS):
        yield f"{where} is for anyone, but its policy restricts the caller: correct its policy"


def _probed(checkout: Checkout, kind: Kind) -> Iterator[tuple[DeclaredFunction, Probe]]:
    for function in checkout.of_kind(kind):
        probe = checkout.probes.get(function.name)
        if probe is not None and not probe.error:
            yield function, probe
