"""The modules that a function imports before its first event, which determine its cold start."""

from collections.abc import Iterator

from tests.contract.checkout import Checkout, Kind

ALLOWED = {kind: {"fastapi"} if kind is Kind.HTTP else set[str]() for kind in Kind}
"""Drivers and boto3 are imported on first use, inside the function that needs them."""

ALSO_ALLOWED = {
    "Register": {"argon2"},
    "LogIn": {"argon2"},
}


def functions_import_only_allowed_modules(checkout: Checkout) -> Iterator[str]:
    for name, probe in checkout.probes.items():
        function = checkout.declared[name]
        if probe.error:
            yield f"functions/{function.file} cannot be imported: {probe.error}"
        allowed = ALLOWED[function.kind] | ALSO_ALLOWED.get(name, set())
        for module in sorted(set(probe.heavy_modules) - allowed):
            yield (
                f"functions/{function.file} imports {module} before its first event: import it "
                "inside the function that uses it (python -X importtime shows what imports it)"
            )
