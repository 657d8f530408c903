"""template.yaml as plain values, with CloudFormation's YAML tags in their long form."""

from pathlib import Path
from typing import Any

import yaml

LOCAL_BUCKET = "local"
CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
UNPREFIXED = frozenset(("Ref", "Condition"))


class _Loader(yaml.SafeLoader):
    """A loader of its own, so that the tags are known nowhere else."""


def _construct_intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in UNPREFIXED else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _construct_intrinsic)


def load(path: Path) -> dict[str, Any]:
    with path.open() as text:
        document = yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    if not isinstance(document, dict):
        raise yaml.YAMLError(f"{path} is not a CloudFormation template")
    return document


def mark_local_code(document: dict[str, Any]) -> None:
    """The translator takes code from S3 only: `functions/` becomes `s3://local/functions/`."""
    globals_ = document.get("Globals", {}).get("Function", {})
    _mark(globals_, "CodeUri")
    for resource in document.get("Resources", {}).values():
        name = CODE_PROPERTIES.get(resource.get("Type", ""))
        if name:
            _mark(resource.get("Properties", {}), name)


def _mark(properties: dict[str, Any], name: str) -> None:
    value = properties.get(name)
    if isinstance(value, str) and "://" not in value:
        folder = value.removeprefix("./") or "."
        properties[name] = f"s3://{LOCAL_BUCKET}/{folder}"
