"""One pass over a translated template, which collects what it cannot carry out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.intrinsics import Intrinsics, mentioned
from cgraph_local.template.problems import Problem, Unresolved
from cgraph_local.template.return_values import NAME_PROPERTIES, References, function_of
from cgraph_local.template.stack_context import Surroundings
from cgraph_local.template.supported_resources import INSIDE, NOTHING_TO_DO, SUPPORTED, Properties


class Reading:
    def __init__(
        self, template: Mapping[str, Any], *, root: Path, surroundings: Surroundings
    ) -> None:
        self.root = root
        self.surroundings = surroundings
        self.problems: list[Problem] = []
        self._everything = everything = template.get("Resources", {})
        self._references = References(everything, surroundings=surroundings)
        self._intrinsics = Intrinsics(
            template,
            parameters=parameter_values(template, surroundings=surroundings),
            attribute=self._references.value,
        )
        self._resources = {
            name: resource for name, resource in everything.items() if self._exists(name, resource)
        }
        self._take_names(everything)
        self._properties = self._resolve_all()

    def each(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and properties of each resource of a type."""
        for name, properties in self._properties.items():
            if self._resources[name]["Type"] == kind:
                yield name, properties

    def refuse(self, resource: str, what: str) -> None:
        kind = self._resources.get(resource, {}).get("Type", "")
        self.problems.append(Problem(resource, kind, what))

    def function(self, resource: str, reference: object) -> str:
        """The function a resource refers to, by name or ARN; a problem if it is none of ours."""
        name = function_of(reference) or str(reference)
        if self._resources.get(name, {}).get("Type") != "AWS::Lambda::Function":
            self.refuse(resource, f"{reference} is not a function of this template")
        return name

    def name_of(self, resource: str) -> str:
        """What a queue or a bucket is called."""
        return self._references.name_of(resource)

    def _exists(self, name: str, resource: Mapping[str, Any]) -> bool:
        try:
            return "Condition" not in resource or self._intrinsics.condition(resource["Condition"])
        except Unresolved as unresolved:
            self.problems.append(Problem(name, resource["Type"], str(unresolved)))
            return False

    def _take_names(self, everything: Mapping[str, Any]) -> None:
        """Before anything is resolved: others refer to what a queue or a bucket is called."""
        for name, resource in everything.items():
            if resource["Type"] not in NAME_PROPERTIES:
                continue
            given = (resource.get("Properties") or {}).get(NAME_PROPERTIES[resource["Type"]])
            try:
                self._references.take_name(name, given=self._intrinsics.resolve(given))
            except Unresolved as unresolved:
                self.refuse(name, str(unresolved))

    def _resolve_all(self) -> dict[str, dict[str, Any]]:
        resolved: dict[str, dict[str, Any]] = {}
        for name, resource in self._resources.items():
            kind = resource["Type"]
            if kind in NOTHING_TO_DO:
                self._check_mentioned(name, resource.get("Properties"))
                continue
            if kind not in SUPPORTED:
                self.refuse(name, "the local cloud has no such resource")
                continue
            try:
                properties = self._intrinsics.resolve(resource.get("Properties") or {})
            except Unresolved as unresolved:
                self.refuse(name, str(unresolved))
                continue
            self._check(name, properties, SUPPORTED[kind])
            if not self._lacks(name, properties):
                resolved[name] = properties
        return resolved

    def _lacks(self, name: str, properties: Mapping[str, Any]) -> bool:
        lacking = SUPPORTED[self._resources[name]["Type"]].required - properties.keys()
        for key in sorted(lacking):
            self.refuse(name, f"the property {key} is missing")
        return bool(lacking)

    def _check_mentioned(self, name: str, properties: Any) -> None:
        """What has no effect here must refer to what is there all the same: it is to deploy."""
        for other in sorted(set(mentioned(properties))):
            if not self._intrinsics.knows(other) and other not in self._everything:
                self.refuse(name, f"there is no resource or parameter {other}")

    def _check(self, name: str, properties: Mapping[str, Any], known: Properties) -> None:
        kind = self._resources[name]["Type"]
        for key, value in properties.items():
            if key not in known.carried_out | known.no_local_meaning:
                self.refuse(name, f"the property {key} is not carried out locally")
            inside = INSIDE.get((kind, key))
            if inside is not None and isinstance(value, dict):
                for inner in value.keys() - inside.carried_out - inside.no_local_meaning:
                    self.refuse(name, f"the property {key}.{inner} is not carried out locally")


def parameter_values(
    template: Mapping[str, Any], *, surroundings: Surroundings
) -> dict[str, object]:
    """Given here, or the template's default; one that has neither is unknown to `Ref`."""
    values: dict[str, object] = {}
    for name, declared in template.get("Parameters", {}).items():
        value = surroundings.parameters.get(name, declared.get("Default"))
        if value is None:
            continue
        listed = declared.get("Type", "String").startswith(("List<", "CommaDelimitedList"))
        values[name] = str(value).split(",") if listed else value
    return values
