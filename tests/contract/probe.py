"""`probe.py http|others ROOT HEAVY,… MODULE…` prints two lines of JSON for each module: first, for
all modules, what the import loads, then, for all modules, what the code declares and calls.

This is a separate script because the process that forks must have imported only what every
function of the kind may import. The heavy modules of an import are seen in a process that has none
of them yet; the declarations are read in one process for all modules.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

PRELOADED = {
    "http": ["pydantic", "aws_lambda_powertools", "fastapi", "mangum"],
    "others": ["pydantic", "aws_lambda_powertools"],
}
HAS_HEAVY_MODULES = 3
"""The exit status of a process that no further function may be imported in."""


def imported(name: str) -> tuple[ModuleType, str]:
    """The module, and an error message if it cannot be imported or has no handler."""
    try:
        module = importlib.import_module(name)
    except Exception:
        return ModuleType(name), traceback.format_exc(limit=-3)
    return module, "" if callable(getattr(module, "handler", None)) else "it has no `handler`"


def print_imports(names: Sequence[str], *, heavy: frozenset[str]) -> None:
    """Forks before each import. A child that loaded no heavy module continues with the next names,
    and its parent waits for it; otherwise the parent, which has none, continues.
    """
    first_pid, allowed, status = os.getpid(), heavy & sys.modules.keys(), 0
    for name in names:
        if (child := os.fork()) == 0:
            _, error = imported(name)
            loaded = heavy & sys.modules.keys()
            print(json.dumps({"error": error, "heavy_modules": sorted(loaded)}), flush=True)
            if error or loaded != allowed:
                os._exit(HAS_HEAVY_MODULES)
            continue
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != HAS_HEAVY_MODULES:
            break
    status = 0 if status == HAS_HEAVY_MODULES else status
    if os.getpid() != first_pid:
        os._exit(status)
    if status:
        sys.exit(f"a process that imported functions ended with {status}")


def described_code(name: str) -> dict[str, object]:
    module, error = imported(name)
    app = getattr(module, "app", None)
    routes = [route for route in (app.routes if app else ()) if hasattr(route, "dependant")]
    dependency_calls = [call for route in routes for call in dependencies(route.dependant)]
    declaring = app.state if app else getattr(module, "handler", None)
    limit = getattr(declaring, "limit", None)
    return {
        "routes": [{"methods": sorted(route.methods), "path": route.path} for route in routes],
        "policy": policy_json(getattr(declaring, "policy", None)),
        "limit": limit.name if limit else None,
        "dependencies": [f"{call.__module__}.{call.__qualname__}" for call in dependency_calls],
        "leads_to": [] if error else sorted(reached(dependency_calls or [module])),
    }


def policy_json(policy: Any) -> dict[str, Any] | None:
    from cgraph_local.api_documents import policies

    return policies.policy_json(policy) if policy is not None else None


def dependencies(dependant: Any) -> Iterator[Any]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from dependencies(each)


def reached(start: list[Any]) -> set[str]:
    from cgraph_local.api_documents.reach import leads_to

    return leads_to(start)


if __name__ == "__main__":
    kind, root, heavy, *names = sys.argv[1:]
    sys.path[0:1] = [f"{root}/functions", f"{root}/layers/cgraph"]
    for preloaded in PRELOADED[kind]:
        importlib.import_module(preloaded)
    print_imports(names, heavy=frozenset(heavy.split(",")))
    for name in names:
        print(json.dumps(described_code(name)))
