"""`probe.py http|others ROOT MODULE…`: a line of JSON for each module.

A script of its own: the process that forks must have imported nothing but what every function of
the kind may have. What an import brings is seen in a fresh fork; what the code says, which takes
longer to read, in one process for all.
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


def imported(name: str) -> tuple[ModuleType, str]:
    """And what is wrong with it."""
    try:
        module = importlib.import_module(name)
    except Exception:
        return ModuleType(name), traceback.format_exc(limit=-3)
    return module, "" if callable(getattr(module, "handler", None)) else "it has no `handler`"


def brought(name: str) -> dict[str, object]:
    _, error = imported(name)
    return {"error": error, "modules": sorted(sys.modules)}


def said(name: str) -> dict[str, object]:
    module, error = imported(name)
    app = getattr(module, "app", None)
    routes = [route for route in (app.routes if app else ()) if hasattr(route, "dependant")]
    called = [call for route in routes for call in calls(route.dependant)]
    declares = app.state if app else getattr(module, "handler", None)
    limit = getattr(declares, "limit", None)
    return {
        "routes": [{"methods": sorted(route.methods), "path": route.path} for route in routes],
        "policy": described(getattr(declares, "policy", None)),
        "limit": limit.name if limit else None,
        "dependencies": [f"{call.__module__}.{call.__qualname__}" for call in called],
        "leads_to": [] if error else sorted(all_of(called or [module])),
    }


def described(policy: Any) -> dict[str, Any] | None:
    from cgraph_local.api_documents import policies

    return policies.policy_json(policy) if policy is not None else None


def calls(dependant: Any) -> Iterator[Any]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from calls(each)


def all_of(start: list[Any]) -> set[str]:
    from cgraph_local.api_documents.reach import leads_to

    return leads_to(start)


def in_a_fork(name: str) -> dict[str, object]:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            with os.fdopen(writing, "w") as out:
                json.dump(brought(name), out)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{name} could not be described")
    return dict(json.loads(text))


if __name__ == "__main__":
    kind, root, *names = sys.argv[1:]
    sys.path[0:1] = [f"{root}/functions", f"{root}/layers/cgraph"]
    for first in FIRST[kind]:
        importlib.import_module(first)
    apart = [in_a_fork(name) for name in names]
    for found, name in zip(apart, names, strict=True):
        print(json.dumps(found | said(name)))
