"""Collects the statements of all templates, for each size, egress and choice that adds some."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

from cgraph_local.template.intrinsics import Intrinsics
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID, REGION
from cgraph_local.template.yaml_loader import load_template
from scripts.iam.statements import IDENTITY, RESOURCE, TRUST, Statement

PIPELINE = "pipeline"
STACK_NAME = "cgraph-local"
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "Size": ("small", "medium", "large"),
    "Egress": ("endpoints", "ipv6"),
    "PermissionsBoundary": ("", "arn:aws:iam::000000000000:policy/cgraph-local-boundary"),
    "FirstKey": ("", "key"),
    "DatabaseKey": ("", f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/one"),
    "ExistingProvider": ("", "arn:aws:iam::000000000000:oidc-provider/ci.example"),
}
"""The parameters that conditions depend on, and their values."""

LOCAL = f"{REGION}:{ACCOUNT_ID}"
ARNS: Mapping[str, str] = {
    "AWS::ElastiCache::ServerlessCache.ARN": f"arn:aws:elasticache:{LOCAL}:serverlesscache:{{}}",
    "AWS::ElastiCache::User.Arn": f"arn:aws:elasticache:{LOCAL}:user:{{}}",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT_ID}:policy/{{}}",
    "AWS::IAM::Role.Arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{{}}",
    "AWS::Lambda::Function.Arn": f"arn:aws:lambda:{LOCAL}:function:{{}}",
    "AWS::Logs::LogGroup.Arn": f"arn:aws:logs:{LOCAL}:log-group:{{}}:*",
    "AWS::RDS::DBProxy.DBProxyArn": f"arn:aws:rds:{LOCAL}:db-proxy:{{}}",
    "AWS::S3::Bucket.Arn": "arn:aws:s3:::{}",
    "AWS::SNS::Topic": f"arn:aws:sns:{LOCAL}:{{}}",
    "AWS::SQS::Queue.Arn": f"arn:aws:sqs:{LOCAL}:{{}}",
}
"""What `Ref` and `GetAtt` give for the types that policies refer to."""

DOCUMENTS = {"AssumeRolePolicyDocument": TRUST, "PolicyDocument": ""}
IDENTITY_TYPES = ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


class Template:
    """`name`: of the file. `document`: after SAM's transform. `root`: where nested ones are."""

    def __init__(self, name: str, document: Mapping[str, Any], *, root: Path) -> None:
        self.name = name
        self._document = document
        self._root = root

    def statements(self) -> Iterator[Statement]:
        """Those of all combinations of the options; each once."""
        names = [name for name in OPTIONS if name in self._document.get("Parameters", {})]
        found: dict[Statement, None] = {}
        for values in product(*(OPTIONS[name] for name in names)):
            parameters = dict(zip(names, values, strict=True))
            found |= dict.fromkeys(self._statements_with(parameters))
        yield from found

    def output(self, name: str, parameters: Mapping[str, str]) -> Any:
        return self._intrinsics(parameters).resolve(self._document["Outputs"][name]["Value"])

    @property
    def is_of_stage(self) -> bool:
        """Not deployed by an operator before the stage."""
        return self.name != PIPELINE

    @cached_property
    def resource_types(self) -> frozenset[str]:
        return frozenset(each["Type"] for each in self._document["Resources"].values())

    def _statements_with(self, parameters: Mapping[str, str]) -> Iterator[Statement]:
        intrinsics = self._intrinsics(parameters)
        for name, resource in self._document["Resources"].items():
            if "Condition" in resource and not intrinsics.condition(resource["Condition"]):
                continue
            reasons = resource.get("Metadata", {}).get("AnyResource", {})
            for kind, document in _documents(resource.get("Properties", {}), resource["Type"]):
                for body in _bodies(intrinsics.resolve(document)):
                    policy = f"{self.name}.{name}"
                    yield Statement.of(body, policy=policy, kind=kind, reasons=reasons)

    def _intrinsics(self, parameters: Mapping[str, str]) -> Intrinsics:
        declared = self._document.get("Parameters", {})
        defaults = {name: _default(name, each) for name, each in declared.items()}
        return Intrinsics(
            self._document,
            parameters=defaults | dict(parameters),
            return_value=lambda name, attribute: self._value(name, attribute, parameters),
        )

    def _value(self, name: str, attribute: str | None, parameters: Mapping[str, str]) -> Any:
        resource = self._document["Resources"][name]
        kind = resource["Type"]
        if kind == "AWS::CloudFormation::Stack" and attribute:
            nested = Path(str(resource["Properties"]["TemplateURL"]))
            template = nested_template(self._root / "infra" / nested.name)
            return template.output(attribute.removeprefix("Outputs."), parameters)
        arn = ARNS.get(f"{kind}.{attribute}" if attribute else kind)
        return arn.format(name) if arn else ".".join(filter(None, (name, attribute)))


def document(root: Path, *, translated: Mapping[str, Any]) -> dict[str, Any]:
    """What `python -m scripts.iam` reads: all statements, and the types of a stage's resources.
    `translated`: template.yaml after SAM's transform.
    """
    every = templates(root, translated=translated)
    types = frozenset[str]().union(*(each.resource_types for each in every if each.is_of_stage))
    statements = [asdict(each) for template in every for each in template.statements()]
    return {"statements": statements, "stage_types": sorted(types)}


def templates(root: Path, *, translated: Mapping[str, Any]) -> list[Template]:
    """The root template, and infra/*.yaml."""
    files = sorted((root / "infra").glob("*.yaml"))
    nested = [nested_template(path) for path in files if path.stem != "checkov"]
    return [Template("template", translated, root=root), *nested]


@cache
def nested_template(path: Path) -> Template:
    return Template(path.stem, load_template(path), root=path.parent.parent)


def _default(name: str, parameter: Mapping[str, Any]) -> Any:
    text = str(parameter.get("Default", {"Name": STACK_NAME}.get(name, f"a-{name}")))
    return text.split(",") if parameter["Type"] == "CommaDelimitedList" else text


def _documents(properties: Any, resource_type: str) -> Iterator[tuple[str, Any]]:
    """The kind and the unresolved document of each policy, at any depth."""
    if isinstance(properties, Mapping):
        for key, value in properties.items():
            if key in DOCUMENTS:
                identity = IDENTITY if resource_type in IDENTITY_TYPES else RESOURCE
                yield DOCUMENTS[key] or identity, value
            else:
                yield from _documents(value, resource_type)
    elif isinstance(properties, list):
        for each in properties:
            yield from _documents(each, resource_type)


def _bodies(document: Any) -> list[Mapping[str, Any]]:
    """A document may be JSON in a string, where the key of a condition is a parameter."""
    if isinstance(document, str):
        document = json.loads(document)
    statements = document["Statement"]
    return list(statements) if isinstance(statements, list) else [statements]
