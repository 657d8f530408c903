"""infra/*.yaml as values: as written, or as CloudFormation resolves them for given parameters."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cgraph_local.template.intrinsics import Intrinsics
from cgraph_local.template.yaml_loader import load_template
from tests.contract.checkout import CHECKOUT

SIZES = ("small", "medium", "large")
STACKS = tuple(
    sorted(path for path in (CHECKOUT / "infra").glob("*.yaml") if path.stem != "checkov")
)
Resource = tuple[str, dict[str, Any]]


@cache
def stack(name: str) -> dict[str, Any]:
    return load_template(CHECKOUT / "infra" / f"{name}.yaml")


def resources(*types: str) -> Iterator[Resource]:
    """Yields `stack.Name` and the resource, for all stacks."""
    for path in STACKS:
        for name, resource in stack(path.stem)["Resources"].items():
            if not types or resource["Type"] in types:
                yield f"{path.stem}.{name}", resource


def resolved(name: str, *, size: str, **overrides: str) -> dict[str, Any]:
    """The properties of the resources that exist at `size`, resolved; each reference is a name."""
    template = stack(name)
    parameters = {key: f"a-{key}" for key in template["Parameters"]} | overrides | {"Size": size}
    intrinsics = Intrinsics(
        template,
        parameters=parameters,
        return_value=lambda resource, attribute: f"{resource}.{attribute}",
    )
    return {
        key: intrinsics.resolve(resource.get("Properties", {}))
        for key, resource in template["Resources"].items()
        if "Condition" not in resource or intrinsics.condition(resource["Condition"])
    }


def statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of every policy in the document, at any depth."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "Statement":
                yield from (each for each in value if "Effect" in each)
            yield from statements(value)
    elif isinstance(document, list):
        for each in document:
            yield from statements(each)


def metrics_of(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Namespace, MetricName and Dimensions of what an alarm reads."""
    if "MetricName" in alarm:
        return [alarm]
    return [
        each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each
    ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def read(path: str) -> str:
    return (CHECKOUT / Path(path)).read_text()
