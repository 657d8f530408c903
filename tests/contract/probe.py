"""`probe.py http|others ROOT MODULE…`: a line of JSON for each module, imported in a fresh fork.

A script of its own: the process that forks must have imported nothing but what every function of
the kind may have.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

FIRST = {
    "http": ["pydantic", "aws_lambda_powertools", "fastapi", "mangum"],
    "others": ["pydantic", "aws_lambda_powertools"],
}


def describe(name: str) -> dict[str, object]:
    try:
        module = importlib.import_module(name)
    except Exception:
        module, error = ModuleType(name), traceback.format_exc(limit=-3)
    else:
        error = "" if callable(getattr(module, "handler", None)) else "it has no `handler`"
    modules = sorted(sys.modules)
    app = getattr(module, "app", None)
    routes = [route for route in (app.routes if app else ()) if hasattr(route, "dependant")]
    called = [call for route in routes for call in calls(route.dependant)]
    declares = app.state if app else getattr(module, "handler", None)
    limit = getattr(declares, "limit", None)
    return {
        "error": error,
        "modules": modules,
        "routes": [{"methods": sorted(route.methods), "path": route.path} for route in routes],
        "policy": described(getattr(declares, "policy", None)),
        "limit": limit.name if limit else None,
        "dependencies": [f"{call.__module__}.{call.__qualname__}" for call in called],
        "leads_to": [] if error else sorted(all_of(called or [module])),
    }


def described(policy: Any) -> dict[str, Any] | None:
    from cgraph_local.api_documents import policies

    return policies.described(policy) if policy is not None else None


def calls(dependant: Any) -> Iterator[Any]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from calls(each)


def all_of(start: list[Any]) -> set[str]:
    """What is announced is delivered when the transaction is left; without that, nothing is."""
    from cgraph_local.api_documents.reach import leads_to

    found = leads_to(start, but_not="cgraph.delivery.deliver")
    if ".announce" in found:
        from cgraph.delivery import deliver

        found |= leads_to([deliver])
    return found


def in_a_fork(name: str) -> str:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            with os.fdopen(writing, "w") as out:
                json.dump(describe(name), out)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        line = told.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{name} could not be described")
    return line


if __name__ == "__main__":
    kind, root, *names = sys.argv[1:]
    sys.path[0:1] = [f"{root}/functions", f"{root}/layers/cgraph"]
    for first in FIRST[kind]:
        importlib.import_module(first)
    for name in names:
        print(in_a_fork(name))
