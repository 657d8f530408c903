"""Measures how many more HTTP functions fit into the root stack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgraph_local.template.translate import translate
from tests.contract.checkout import definition_paths

LIMITS = {"resources": 500, "bytes": 1_000_000, "routes": 300}
"""The quotas of CloudFormation for the resources and bytes of a template after SAM's transform, and
the quota of API Gateway for the routes of an HTTP API. The quota of integrations is the same, and
each route has one. Only the number of routes can be raised. Sources: CloudFormation User Guide and
API Gateway Developer Guide, quotas.
"""
ADDED_FUNCTIONS = 20


@dataclass(frozen=True, slots=True)
class Headroom:
    """`each`: how much of the limit one HTTP function uses."""

    used: int
    limit: int
    each: float

    @property
    def functions(self) -> int:
        return int((self.limit - self.used) / self.each)

    def __str__(self) -> str:
        return f"{self.functions} ({self.used:,} of {self.limit:,}, {self.each:,.0f} each)"


def headroom(
    template: Mapping[str, Any], translated: Mapping[str, Any], *, folder: Path
) -> dict[str, Headroom]:
    """The headroom by limit, measured by translating a template with more functions, which is
    written to `folder`.
    """
    path = folder / "template.yaml"
    path.write_text(json.dumps(with_more_functions(template)))
    before, after = usage(translated), usage(translate(path, cache=None))
    return {
        name: Headroom(before[name], limit, (after[name] - before[name]) / ADDED_FUNCTIONS)
        for name, limit in LIMITS.items()
    }


def usage(translated: Mapping[str, Any]) -> dict[str, int]:
    """The usage by limit. Like CloudFormation, counts resources whose condition is false too."""
    paths = translated["Resources"]["Api"]["Properties"]["Body"]["paths"]
    return {
        "resources": len(translated["Resources"]),
        "bytes": size(translated),
        "routes": sum(len(methods) for methods in paths.values()),
    }


def size(template: Mapping[str, Any]) -> int:
    """The bytes of the template as JSON without white space. After `sam package` each function has
    about 75 bytes more, for the address of its code.
    """
    return len(json.dumps(template, separators=(",", ":"), ensure_ascii=False).encode())


def with_more_functions(template: Mapping[str, Any]) -> dict[str, Any]:
    """Each added function is a copy of the longest ordinary HTTP function, with a route of its
    own.
    """
    more: dict[str, Any] = json.loads(json.dumps(template))
    resources, paths = more["Resources"], definition_paths(more)
    ordinary = {
        name: json.dumps(resource)
        for name, resource in resources.items()
        if resource.get("Properties", {}).keys() == {"Handler", "Role"}
        and resource["Properties"]["Handler"].startswith("api.")
    }
    longest = max(ordinary, key=lambda name: len(ordinary[name]))
    operation = next(
        json.dumps(operation)
        for operations in paths.values()
        for operation in operations.values()
        if f"${{{longest}.Arn}}" in json.dumps(operation)
    )
    for number in range(ADDED_FUNCTIONS):
        added = f"{longest}{number}"
        resources[added] = json.loads(ordinary[longest])
        added_operation = operation.replace(f"{longest}.Arn", f"{added}.Arn")
        paths[f"/{'added/' * 4}{number}"] = {"get": json.loads(added_operation)}
    return more
