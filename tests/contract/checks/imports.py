"""What a function imports before its first event, which is what a cold start costs."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout, Kind

MAY = {kind: {"fastapi"} if kind is Kind.HTTP else set[str]() for kind in Kind}
"""Drivers and boto3 come on first use, inside the function that needs them."""

MAY_TOO = {
    "Register": {"argon2"},
    "LogIn": {"argon2"},
    "PushEvents": {"aiohttp"},
}


def functions_bring_what_they_may(checkout: Checkout) -> Iterator[str]:
    for name, probe in checkout.probes.items():
        function = checkout.declared[name]
        if probe.error:
            yield f"functions/{function.file} cannot be imported: {probe.error}"
        allowed = MAY[function.kind] | MAY_TOO.get(name, set())
        for module in sorted(set(probe.heavy_modules) - allowed):
            yield (
                f"functions/{function.file} imports {module} before its first event: import it "
                "inside the function that uses it (python -X importtime shows who brings it)"
            )
