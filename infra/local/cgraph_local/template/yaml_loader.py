"""Loads a template as plain values, with CloudFormation's YAML tags in their long form."""

from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # six times as fast
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

LOCAL_BUCKET = "local"
"""Stands for the folder of the template: see `mark_local_code`."""
CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
WITHOUT_PREFIX = frozenset(("Ref", "Condition"))
"""Intrinsic functions whose long form does not begin with `Fn::`."""


class _Loader(SafeLoader):
    """A subclass, so that the tags are not added to PyYAML's own loader."""


def _construct_intrinsic(loader: SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
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
    return {name if name in WITHOUT_PREFIX else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _construct_intrinsic)


def load_template(path: Path) -> dict[str, Any]:
    """Raises OSError, yaml.YAMLError."""
    with path.open() as text:
        document = yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    if not isinstance(document, dict):
        raise yaml.YAMLError(f"{path} is not a CloudFormation template")
    return document


def mark_local_code(document: dict[str, Any]) -> None:
    """Rewrites local code folders, because the SAM translator accepts code in S3 only: `functions/`
    becomes `s3://local/functions/`.
    """
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
