"""Input that is not valid, as the API shows it: one error for each field, of a body, the query or a
frame.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from cgraph.core.errors import FieldError, UnknownField, ValidationFailed

Item = Any
"""An error of pydantic's: `type`, `msg` and `loc`, which begins with the part of the request."""

Path = Sequence[str | int]
KnownNames = Callable[[str, Path], Sequence[str]]
"""Names that exist in a part of the request at a path, such as ("body", ("poll",))."""

UNKNOWN = "extra_forbidden"
UNKNOWN_AT_MOST = 50
"""Unknown fields in one answer, so that it fits a frame of 32 KB."""

NAME_LENGTH = 50
LISTED_AT_MOST = 8
NOUNS = {"query": "query parameter", "frame": "key"}


def validation_failed(items: Iterable[Item], *, known: KnownNames) -> ValidationFailed:
    """UnknownField where one of the errors is that: those first, at most UNKNOWN_AT_MOST of them,
    and then all others.
    """
    unknown, errors = dict[Path, None](), list[FieldError]()
    for item in items:
        if item["type"] == UNKNOWN:
            unknown[item["loc"]] = None
        else:
            field = ".".join(map(str, item["loc"][1:]))
            errors.append({"field": field, "code": item["type"], "message": item["msg"]})
    if not unknown:
        return ValidationFailed(errors)
    return UnknownField([*_unknown_fields(list(unknown)[:UNKNOWN_AT_MOST], known), *errors])


def unknown_items(part: str, names: Iterable[object]) -> list[Item]:
    """As pydantic would report names that nothing declares."""
    return [{"type": UNKNOWN, "loc": (part, name)} for name in names]


def field_names(annotation: object, path: Path = ()) -> list[str]:
    """Of the model that `annotation` has at `path`; of all of them where it is a union."""
    models = list(_models(annotation))
    for step in path:  # a number is a place in a list, and some names are tags of a union
        inner = [each for model in models for each in _models(_fields(model).get(str(step)))]
        models = inner or models
    return list(dict.fromkeys(name for model in models for name in _fields(model)))


def _unknown_fields(locations: Iterable[Path], known: KnownNames) -> Iterator[FieldError]:
    for part, *path, last in locations:
        name = str(last)
        name = name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…"
        yield {
            "field": ".".join(map(str, (*path, name))),
            "code": UnknownField.code,
            "message": _message(NOUNS.get(str(part), "field"), name, known(str(part), path)),
        }


def _message(noun: str, name: str, known: Sequence[str]) -> str:
    there_is_no = f"There is no {noun} `{name}`"
    if near := _nearest(name, known):
        return f"{there_is_no}; did you mean `{near}`?"
    if not known:
        return f"{there_is_no}; none is expected"
    if len(known) > LISTED_AT_MOST:
        return there_is_no
    names = ", ".join(f"`{each}`" for each in known)
    return f"{there_is_no}; expected {'one of ' if len(known) > 1 else ''}{names}"


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """However it is written: replyTo and reply-to are near to reply_to."""
    from difflib import get_close_matches

    plain = {each.lower().replace("_", ""): each for each in known}
    wanted = name.lower().replace("_", "").replace("-", "")
    near = get_close_matches(wanted, plain, n=1)
    return plain[near[0]] if near else None


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _fields(model: type[BaseModel]) -> dict[str, object]:
    """The type of each field, by the name that clients write."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
