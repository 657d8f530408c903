"""Evaluates CloudFormation's intrinsic functions."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cgraph_local.template.problems import UnresolvedValue
from cgraph_local.template.pseudo_parameters import PSEUDO_PARAMETERS
from cgraph_local.template.values import to_text

NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{(!?[^${}]+)\}")

GetReturnValue = Callable[[str, str | None], object]
"""Returns the value of `Ref name` (attribute None) or of `GetAtt name.attribute`."""


class Intrinsics:
    def __init__(
        self,
        template: Mapping[str, Any],
        *,
        parameters: Mapping[str, object],
        return_value: GetReturnValue,
    ) -> None:
        self._parameters = {**PSEUDO_PARAMETERS, **parameters}
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})
        self._return_value = return_value
        self._functions: Mapping[str, Callable[[Any], object]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::And": lambda parts: all(self._is_true(part) for part in parts),
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Not": lambda parts: not self._is_true(parts[0]),
            "Fn::Or": lambda parts: any(self._is_true(part) for part in parts),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def knows(self, name: str) -> bool:
        """Whether the name is a parameter with a value, or a pseudo parameter."""
        return name in self._parameters or name == "AWS::NoValue"

    def resolve(self, value: Any) -> Any:
        """Evaluates a value and everything inside it. Raises UnresolvedValue.

        Members that are AWS::NoValue are removed from lists and mappings.
        """
        if isinstance(value, dict):
            return self._resolve_mapping(value)
        if isinstance(value, list):
            resolved = [self.resolve(member) for member in value]
            return [member for member in resolved if member is not NO_VALUE]
        return value

    def condition(self, name: str) -> bool:
        """Raises UnresolvedValue when there is no such condition."""
        if name not in self._conditions:
            raise UnresolvedValue(f"there is no condition {name}")
        return self._is_true(self._conditions[name])

    def _resolve_mapping(self, value: dict[str, Any]) -> Any:
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in self._functions and not (name == "Condition" and isinstance(argument, dict)):
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise UnresolvedValue(f"{name} is not supported locally")
        resolved = {key: self.resolve(member) for key, member in value.items()}
        return {key: member for key, member in resolved.items() if member is not NO_VALUE}

    def _is_true(self, value: Any) -> bool:
        return self.resolve(value) in (True, "true")

    def _ref(self, name: str) -> object:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._parameters:
            return self._parameters[name]
        return self._return_value(name, None)

    def _get_att(self, path: list[Any] | str) -> object:
        resource, *attribute = path.split(".", 1) if isinstance(path, str) else path
        return self._return_value(resource, ".".join(str(self.resolve(part)) for part in attribute))

    def _equals(self, pair: list[Any]) -> bool:
        left, right = (self.resolve(side) for side in pair)
        return to_text(left) == to_text(right)

    def _find_in_map(self, path: list[Any]) -> object:
        name, first, second = (self.resolve(step) for step in path)
        try:
            return self._mappings[name][first][second]
        except KeyError:
            raise UnresolvedValue(f"there is no {name}.{first}.{second} in Mappings") from None

    def _if(self, parts: list[Any]) -> object:
        name, then, otherwise = parts
        return self.resolve(then if self.condition(name) else otherwise)

    def _join(self, parts: list[Any]) -> str:
        separator, members = parts[0], self.resolve(parts[1])
        return str(separator).join(to_text(member) for member in members)

    def _select(self, parts: list[Any]) -> object:
        index, members = int(self.resolve(parts[0])), self.resolve(parts[1])
        if index >= len(members):
            raise UnresolvedValue(f"Fn::Select: there is no member {index} in {members}")
        return members[index]

    def _split(self, parts: list[Any]) -> list[str]:
        return str(self.resolve(parts[1])).split(parts[0])

    def _sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def value_of(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return to_text(self.resolve(variables[name]))
            resource, dot, attribute = name.partition(".")
            return to_text(self._return_value(resource, attribute) if dot else self._ref(name))

        return PLACEHOLDER.sub(value_of, text)


def referenced_names(value: Any) -> Iterator[str]:
    """The names of the resources and parameters that a value refers to."""
    if isinstance(value, list):
        for member in value:
            yield from referenced_names(member)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref":
                yield argument
            elif name == "Fn::GetAtt":
                yield (argument.split(".") if isinstance(argument, str) else argument)[0]
            elif name == "Fn::Sub":
                yield from _names_in_substitution(argument)
            else:
                yield from referenced_names(argument)


def _names_in_substitution(argument: Any) -> Iterator[str]:
    text, variables = argument if isinstance(argument, list) else (argument, {})
    yield from referenced_names(variables)
    for match in PLACEHOLDER.finditer(text):
        name = match[1].strip()
        if name not in variables and not name.startswith("!"):
            yield name.partition(".")[0]
