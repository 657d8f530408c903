"""From JSON to types. Unknown fields are ignored, because a later server may add some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from typing import Any, TypeVar

from cgraph_client.core.errors import ProtocolError

T = TypeVar("T")
JsonObject = Mapping[str, Any]


def parse(parser: Callable[[JsonObject], T], document: Any) -> T:
    """Returns `parser(document)`. Raises ProtocolError where a field is missing or has a wrong
    type."""
    try:
        return parser(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"cannot parse {document!r:.300}: {error!r}") from error


def parse_all(parser: Callable[[JsonObject], T], documents: Iterable[Any] | None) -> tuple[T, ...]:
    return tuple(parse(parser, document) for document in documents or ())


def parse_optional(parser: Callable[[JsonObject], T], document: Any) -> T | None:
    return None if document is None else parse(parser, document)


def parse_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def constructor_arguments(
    kind: type[Any], document: JsonObject, **converted: Any
) -> dict[str, Any]:
    """Returns the fields of the dataclass `kind` that the document has, with `converted` in place
    of the raw values. Raises KeyError where a field without a default is missing."""
    known = {field.name: field for field in fields(kind)}
    missing = [
        name
        for name, field in known.items()
        if _is_required(field) and name not in document and name not in converted
    ]
    if missing:
        raise KeyError(*missing)
    return {name: value for name, value in document.items() if name in known} | converted


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
