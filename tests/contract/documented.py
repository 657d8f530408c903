"""Reads the committed API documents: schemas to validate responses with, and operations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012


class Document:
    """A document whose parts refer to each other with `#/…`."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.content: dict[str, Any] = json.loads(path.read_text())
        resource = DRAFT202012.create_resource(self.content)
        self._registry: Registry[Any] = Registry().with_resource(self.name, resource)

    @property
    def schemas(self) -> dict[str, Any]:
        """The schemas of models, by name."""
        schemas: dict[str, Any] = self.content["components"]["schemas"]
        return schemas

    def errors(self, value: object, *, at: str) -> list[str]:
        """The errors of `value` against the schema at the pointer `at`."""
        schema = {"$ref": f"{self.name}#{at}"}
        validator = Draft202012Validator(
            schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def dangling(self) -> list[str]:
        """References whose target does not exist."""
        return [ref for ref in self.references if not self._has(ref.removeprefix("#/"))]

    @cached_property
    def references(self) -> set[str]:
        return set(_references(self.content))

    def _has(self, pointer: str) -> bool:
        value: Any = self.content
        for part in pointer.split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or key not in value:
                return False
            value = value[key]
        return True


@dataclass(frozen=True, slots=True)
class Operation:
    """`label`: `GET /me`, or `push`."""

    label: str
    content: dict[str, Any]

    @property
    def statuses(self) -> set[str]:
        """The statuses of an HTTP operation."""
        return set(self.content["responses"])

    def codes(self, status: str) -> list[str]:
        """The error codes of the status."""
        schema = self.content["responses"][status]["content"]["application/problem+json"]["schema"]
        codes: list[str] = schema["properties"]["code"]["enum"]
        return codes


def http_operations(document: Document) -> list[Operation]:
    """The operations of the OpenAPI document."""
    return [
        Operation(f"{method.upper()} {path}", operation)
        for path, operations in document.content["paths"].items()
        for method, operation in operations.items()
    ]


def socket_operations(document: Document) -> list[Operation]:
    """The operations of the AsyncAPI document: the actions, and `push`."""
    return [Operation(*each) for each in document.content["operations"].items()]


def pointer(*parts: str) -> str:
    """A JSON pointer, RFC 6901."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)
