"""infra/*.yaml as values: as written, or as CloudFormation would have it for given parameters."""

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


def resources(*kinds: str) -> Iterator[Resource]:
    """`stack.Name` and the resource, of all stacks."""
    for path in STACKS:
        for name, resource in stack(path.stem)["Resources"].items():
            if not kinds or resource["Type"] in kinds:
                yield f"{path.stem}.{name}", resource


def resolved(name: str, *, size: str, **given: str) -> dict[str, Any]:
    """The resources that exist at `size`, their properties worked out; each reference is a name."""
    template = stack(name)
    parameters = {key: f"a-{key}" for key in template["Parameters"]} | given | {"Size": size}
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
    """Of every policy inside, wherever it hangs."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "Statement":
                yield from (each for each in value if "Effect" in each)
            yield from statements(value)
    elif isinstance(document, list):
        for each in document:
            yield from statements(each)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def read(path: str) -> str:
    return (CHECKOUT / Path(path)).read_text()
