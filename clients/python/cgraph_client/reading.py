"""From JSON to types. Fields this version does not know are ignored: servers may add some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from typing import Any, TypeVar

from cgraph_client.errors import ProtocolError

T = TypeVar("T")
Document = Mapping[str, Any]


def read(kind: Callable[[Document], T], document: Any) -> T:
    """`kind(document)`, where a missing or odd field is the server's error and says so."""
    try:
        return kind(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"cannot read {document!r:.300}: {error!r}") from error


def read_all(kind: Callable[[Document], T], documents: Iterable[Any] | None) -> tuple[T, ...]:
    return tuple(read(kind, document) for document in documents or ())


def read_if_there(kind: Callable[[Document], T], document: Any) -> T | None:
    return None if document is None else read(kind, document)


def read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def pick(kind: type[Any], document: Document, **converted: Any) -> dict[str, Any]:
    """The fields of a dataclass; those with a default may be missing."""
    known = {field.name: field for field in fields(kind)}
    missing = [
        name
        for name, field in known.items()
        if _is_needed(field) and name not in document and name not in converted
    ]
    if missing:
        raise KeyError(*missing)
    return {name: value for name, value in document.items() if name in known} | converted


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
