"""Types that are read from JSON by their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Self, get_args, get_origin, get_type_hints

from cgraph_client.core.parsing import JsonObject, constructor_arguments, parse

Converter = Callable[[Any], Any]


class JsonModel:
    """The base of dataclasses whose fields have the names and types of a JSON object: texts,
    numbers, times, other models, tuples and mappings of these. A null where a tuple or a mapping
    belongs is an empty one. `Annotated[…, converter]` converts otherwise."""

    __slots__ = ()

    @classmethod
    def from_json(cls, document: JsonObject) -> Self:
        kind: Any = cls
        converted = {
            name: convert(document[name])
            for name, convert in _converters(kind).items()
            if name in document
        }
        return cls(**constructor_arguments(cls, document, **converted))


@cache
def _converters(kind: type[Any]) -> Mapping[str, Converter]:
    hints = get_type_hints(kind, include_extras=True)
    found = ((field.name, _converter(hints[field.name])) for field in fields(kind))
    return {name: convert for name, convert in found if convert is not None}


def _converter(hint: Any) -> Converter | None:
    """None where a JSON value stays as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        converter: Converter = arguments[1]
        return converter
    if origin is UnionType:
        (inner,) = (each for each in arguments if each is not NoneType)
        return _optional(_converter(inner))
    if origin is tuple:
        return _each(_converter(arguments[0]))
    if origin is Mapping:
        return _each_value(_converter(arguments[1]))
    if hint is datetime:
        return datetime.fromisoformat
    if hasattr(hint, "from_json"):
        return lambda document: parse(hint.from_json, document)
    return None


def _optional(convert: Converter | None) -> Converter | None:
    if convert is None:
        return None
    return lambda value: None if value is None else convert(value)


def _each(convert: Converter | None) -> Converter:
    if convert is None:
        return lambda values: tuple(values or ())
    return lambda values: tuple(convert(value) for value in values or ())


def _each_value(convert: Converter | None) -> Converter:
    if convert is None:
        return lambda values: dict(values or {})
    return lambda values: {name: convert(value) for name, value in (values or {}).items()}
