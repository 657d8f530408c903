"""A translated template whose conditions and intrinsic functions have been evaluated."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.intrinsics import Intrinsics, referenced_names
from cgraph_local.template.problems import Problem, UnresolvedValue
from cgraph_local.template.return_values import NAME_PROPERTIES, ReturnValues, function_in_arn
from cgraph_local.template.stack_context import StackContext
from cgraph_local.template.supported_resources import (
    IGNORED_TYPES,
    NESTED_PROPERTIES,
    SUPPORTED_TYPES,
    SupportedProperties,
)
from cgraph_local.template.values import to_text


class ResolvedTemplate:
    """What is not supported locally is collected in `problems`."""

    def __init__(self, template: Mapping[str, Any], *, root: Path, context: StackContext) -> None:
        self.root = root
        self.context = context
        self.problems: list[Problem] = []
        self._declared = declared = template.get("Resources", {})
        self._return_values = ReturnValues(declared, context=context)
        self._intrinsics = Intrinsics(
            template,
            parameters=parameter_values(template, context=context),
            return_value=self._return_values.value,
        )
        self._resources = {
            name: resource for name, resource in declared.items() if self._exists(name, resource)
        }
        self._register_names(declared)
        self._register_parameters()
        self._properties = self._resolve_all()

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The logical id and the properties of each resource of a type."""
        for name, properties in self._properties.items():
            if self._resources[name]["Type"] == kind:
                yield name, properties

    def add_problem(self, resource: str, message: str) -> None:
        kind = self._resources.get(resource, {}).get("Type", "")
        self.problems.append(Problem(resource, kind, message))

    def function_name(self, resource: str, reference: object) -> str:
        """The logical id of the function that a resource refers to by name or ARN. A reference to
        anything else is a problem.
        """
        name = function_in_arn(reference) or str(reference)
        if self._resources.get(name, {}).get("Type") != "AWS::Lambda::Function":
            self.add_problem(resource, f"{reference} is not a function of this template")
        return name

    def physical_name(self, resource: str) -> str:
        """The name of a queue or a bucket."""
        return self._return_values.physical_name(resource)

    def _exists(self, name: str, resource: Mapping[str, Any]) -> bool:
        try:
            return "Condition" not in resource or self._intrinsics.condition(resource["Condition"])
        except UnresolvedValue as error:
            self.problems.append(Problem(name, resource["Type"], str(error)))
            return False

    def _register_names(self, declared: Mapping[str, Any]) -> None:
        """Before anything else is resolved, because other resources refer to these names."""
        for name, resource in declared.items():
            if resource["Type"] not in NAME_PROPERTIES:
                continue
            declared_name = (resource.get("Properties") or {}).get(
                NAME_PROPERTIES[resource["Type"]]
            )
            try:
                self._return_values.register_name(
                    name, declared_name=self._intrinsics.resolve(declared_name)
                )
            except UnresolvedValue as error:
                self.add_problem(name, str(error))

    def _register_parameters(self) -> None:
        """Once, since many functions refer to the same value."""
        for name, resource in self._resources.items():
            if resource["Type"] == "AWS::SSM::Parameter":
                try:
                    value = self._intrinsics.resolve(resource["Properties"]["Value"])
                except UnresolvedValue as error:
                    self.add_problem(name, str(error))
                else:
                    self._return_values.register_parameter(name, value=to_text(value))

    def _resolve_all(self) -> dict[str, dict[str, Any]]:
        resolved: dict[str, dict[str, Any]] = {}
        for name, resource in self._resources.items():
            kind = resource["Type"]
            if kind in IGNORED_TYPES:
                self._check_references(name, resource.get("Properties"))
                continue
            if kind not in SUPPORTED_TYPES:
                self.add_problem(name, "the local cloud does not support this type")
                continue
            try:
                properties = self._intrinsics.resolve(resource.get("Properties") or {})
            except UnresolvedValue as error:
                self.add_problem(name, str(error))
                continue
            self._check(name, properties, SUPPORTED_TYPES[kind])
            if not self._has_missing_properties(name, properties):
                resolved[name] = properties
        return resolved

    def _has_missing_properties(self, name: str, properties: Mapping[str, Any]) -> bool:
        missing = SUPPORTED_TYPES[self._resources[name]["Type"]].required - properties.keys()
        for key in sorted(missing):
            self.add_problem(name, f"the property {key} is missing")
        return bool(missing)

    def _check_references(self, name: str, properties: Any) -> None:
        """Ignored resources must refer to what exists all the same: they are deployed to AWS."""
        for other in sorted(set(referenced_names(properties))):
            if not self._intrinsics.knows(other) and other not in self._declared:
                self.add_problem(name, f"there is no resource or parameter {other}")

    def _check(self, name: str, properties: Mapping[str, Any], known: SupportedProperties) -> None:
        kind = self._resources[name]["Type"]
        for key, value in properties.items():
            if key not in known.supported | known.ignored:
                self.add_problem(name, f"the property {key} is not supported locally")
            nested = NESTED_PROPERTIES.get((kind, key))
            if nested is not None and isinstance(value, dict):
                for inner in value.keys() - nested.supported - nested.ignored:
                    self.add_problem(name, f"the property {key}.{inner} is not supported locally")


def parameter_values(template: Mapping[str, Any], *, context: StackContext) -> dict[str, object]:
    """The value that the context gives a parameter, or its default. A parameter with neither has no
    value, so `Ref` does not resolve.
    """
    values: dict[str, object] = {}
    for name, declared in template.get("Parameters", {}).items():
        value = context.parameters.get(name, declared.get("Default"))
        if value is None:
            continue
        is_list = declared.get("Type", "String").startswith(("List<", "CommaDelimitedList"))
        values[name] = str(value).split(",") if is_list else value
    return values
