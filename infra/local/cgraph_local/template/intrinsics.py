"""CloudFormation's intrinsic functions, worked out."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cgraph_local.template.problems import Unresolved
from cgraph_local.template.stack_context import PSEUDO_PARAMETERS

NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{(!?[^${}]+)\}")

Attribute = Callable[[str, str | None], object]
"""The value of `Ref name` (no attribute) or of `GetAtt name.attribute`."""


class Intrinsics:
    def __init__(
        self,
        template: Mapping[str, Any],
        *,
        parameters: Mapping[str, object],
        attribute: Attribute,
    ) -> None:
        self._parameters = {**PSEUDO_PARAMETERS, **parameters}
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})
        self._attribute = attribute
        self._functions: Mapping[str, Callable[[Any], object]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::And": lambda parts: all(self._truth(part) for part in parts),
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Not": lambda parts: not self._truth(parts[0]),
            "Fn::Or": lambda parts: any(self._truth(part) for part in parts),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def knows(self, name: str) -> bool:
        """Whether it is a parameter, with a value, or a pseudo parameter."""
        return name in self._parameters or name == "AWS::NoValue"

    def resolve(self, value: Any) -> Any:
        """Lists and mappings lose the members that are AWS::NoValue."""
        if isinstance(value, dict):
            return self._resolve_mapping(value)
        if isinstance(value, list):
            resolved = [self.resolve(member) for member in value]
            return [member for member in resolved if member is not NO_VALUE]
        return value

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            raise Unresolved(f"there is no condition {name}")
        return self._truth(self._conditions[name])

    def _resolve_mapping(self, value: dict[str, Any]) -> Any:
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in self._functions and not (name == "Condition" and isinstance(argument, dict)):
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise Unresolved(f"{name} is not carried out locally")
        resolved = {key: self.resolve(member) for key, member in value.items()}
        return {key: member for key, member in resolved.items() if member is not NO_VALUE}

    def _truth(self, value: Any) -> bool:
        return self.resolve(value) in (True, "true")

    def _ref(self, name: str) -> object:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._parameters:
            return self._parameters[name]
        return self._attribute(name, None)

    def _get_att(self, path: list[Any] | str) -> object:
        resource, *attribute = path.split(".", 1) if isinstance(path, str) else path
        return self._attribute(resource, ".".join(str(self.resolve(part)) for part in attribute))

    def _equals(self, pair: list[Any]) -> bool:
        left, right = (self.resolve(side) for side in pair)
        return _text(left) == _text(right)

    def _find_in_map(self, path: list[Any]) -> object:
        name, first, second = (self.resolve(step) for step in path)
        try:
            return self._mappings[name][first][second]
        except KeyError:
            raise Unresolved(f"there is no {name}.{first}.{second} in Mappings") from None

    def _if(self, parts: list[Any]) -> object:
        name, then, otherwise = parts
        return self.resolve(then if self.condition(name) else otherwise)

    def _join(self, parts: list[Any]) -> str:
        separator, members = parts[0], self.resolve(parts[1])
        return str(separator).join(_text(member) for member in members)

    def _select(self, parts: list[Any]) -> object:
        index, members = int(self.resolve(parts[0])), self.resolve(parts[1])
        if index >= len(members):
            raise Unresolved(f"Fn::Select: there is no member {index} in {members}")
        return members[index]

    def _split(self, parts: list[Any]) -> list[str]:
        return str(self.resolve(parts[1])).split(parts[0])

    def _sub(self, argument: Any) -> str:
        text, given = argument if isinstance(argument, list) else (argument, {})

        def value_of(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in given:
                return _text(self.resolve(given[name]))
            resource, dot, attribute = name.partition(".")
            return _text(self._attribute(resource, attribute) if dot else self._ref(name))

        return PLACEHOLDER.sub(value_of, text)


def mentioned(value: Any) -> Iterator[str]:
    """What a value refers to, by name."""
    if isinstance(value, list):
        for member in value:
            yield from mentioned(member)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref":
                yield argument
            elif name == "Fn::GetAtt":
                yield (argument.split(".") if isinstance(argument, str) else argument)[0]
            elif name == "Fn::Sub":
                yield from _mentioned_in_text(argument)
            else:
                yield from mentioned(argument)


def _mentioned_in_text(argument: Any) -> Iterator[str]:
    text, given = argument if isinstance(argument, list) else (argument, {})
    yield from mentioned(given)
    for match in PLACEHOLDER.finditer(text):
        name = match[1].strip()
        if name not in given and not name.startswith("!"):
            yield name.partition(".")[0]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
