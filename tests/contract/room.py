"""How many more HTTP functions fit into the root stack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgraph_local.template.translate import translate

LIMITS = {"resources": 500, "bytes": 1_000_000, "routes": 300}
"""CloudFormation allows so many resources and bytes in a template after SAM's transform, API
Gateway so many routes and so many integrations in an HTTP API, where each route has an integration
of its own. Only the number of routes can be raised. Sources: CloudFormation User Guide and API
Gateway Developer Guide, quotas.
"""
MORE = 20


@dataclass(frozen=True, slots=True)
class Room:
    """`each`: what an HTTP function takes of the limit."""

    used: int
    limit: int
    each: float

    @property
    def functions(self) -> int:
        return int((self.limit - self.used) / self.each)

    def __str__(self) -> str:
        return f"{self.functions} ({self.used:,} of {self.limit:,}, {self.each:,.0f} each)"


def room(
    template: Mapping[str, Any], translated: Mapping[str, Any], *, folder: Path
) -> dict[str, Room]:
    """By limit: measured by a translation with MORE functions, for which `folder` takes a file."""
    path = folder / "template.yaml"
    path.write_text(json.dumps(with_more_functions(template)))
    now, later = usage(translated), usage(translate(path, cache=None))
    return {
        name: Room(now[name], limit, (later[name] - now[name]) / MORE)
        for name, limit in LIMITS.items()
    }


def usage(translated: Mapping[str, Any]) -> dict[str, int]:
    """Of each limit. Resources whose condition is false are counted, as CloudFormation does."""
    paths = translated["Resources"]["Api"]["Properties"]["Body"]["paths"]
    return {
        "resources": len(translated["Resources"]),
        "bytes": size(translated),
        "routes": sum(len(methods) for methods in paths.values()),
    }


def size(template: Mapping[str, Any]) -> int:
    """In bytes, as JSON without white space. A deployed one has longer names for the code, about
    75 bytes more for each function.
    """
    return len(json.dumps(template, separators=(",", ":"), ensure_ascii=False).encode())


def with_more_functions(template: Mapping[str, Any]) -> dict[str, Any]:
    """Each is like the longest HTTP function that has nothing unusual."""
    usual = {
        name: json.dumps(resource)
        for name, resource in template["Resources"].items()
        if resource.get("Properties", {}).keys() == {"Handler", "Role", "Events"}
        and resource["Properties"]["Events"].keys() == {"Http"}
    }
    longest = max(usual, key=lambda name: len(usual[name]))
    more = {}
    for number in range(MORE):
        resource = json.loads(usual[longest])
        resource["Properties"]["Events"]["Http"]["Properties"]["Path"] += str(number)
        more[f"{longest}{number}"] = resource
    return {**template, "Resources": {**template["Resources"], **more}}
