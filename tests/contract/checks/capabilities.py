"""A function may do what its code leads to, and nothing else.

Nothing refuses a missing permission before AWS does, so it is read from the code here.
"""

from collections.abc import Iterator

from tests.contract.checkout import Checkout

SIGNS = {
    "cgraph.database._connect": "UseDatabase",
    "cgraph.cache.run": "UseCache",
    ".push_queue_url": "PushToSockets",
    ".gone_queue_url": "ReportGoneSockets",
    ".post_to_connection": "ManageSockets",
}


def functions_may_what_they_do(checkout: Checkout) -> Iterator[str]:
    for name, probe in checkout.probes.items():
        if probe.error:
            continue
        needed = {capability for sign, capability in SIGNS.items() if sign in probe.leads_to}
        given = checkout.declared[name].capabilities & set(SIGNS.values())
        for capability in sorted(needed - given):
            sign = next(sign for sign, each in SIGNS.items() if each == capability)
            yield f"{name} leads to {sign}: add !Ref {capability} to its Policies in template.yaml"
        for capability in sorted(given - needed):
            yield f"{name} never does what {capability} allows: take it off its Policies"
