"""Every string that a client sends is a text of `cgraph.core.text`, or a token of a known kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Field

from cgraph.core.fields import Body, DisplayName, Nonce, Text, Token
from cgraph_local.api_documents.inventory import HttpFunction, http_functions, socket_actions
from tests.contract.checkout import CHECKOUT

FUNCTIONS = CHECKOUT / "functions"

TOKENS = {"code", "cursor", "device token", "nonce", "password", "refresh token", "slug", "stream"}
TOKENS |= {
    "username",
    "endpoint",
    "key",
    "link token",
    "mail token",
    "invitation",
    "time zone",
    "time of day",
}
TOKENS |= {"passkey response", "emoji name", "base64", "content type", "SHA-256 in base64"}
"""Strings that are no text; each has a form of its own, or is only compared."""

CHECKED_ELSEWHERE = {
    "emoji": "a reaction is one of Unicode's emoji",
    "user-agent": "a program sends it: what cannot be shown is removed, not refused",
}


def test_every_string_of_a_request_is_a_text_or_a_token() -> None:
    for function in http_functions(FUNCTIONS):
        if function.route.include_in_schema:
            assert list(unchecked_of_route(function)) == [], function.name


def test_every_string_of_a_frame_is_a_text_or_a_token() -> None:
    for action in socket_actions(FUNCTIONS):
        assert list(unchecked(action.data)) == [], action.name


def test_a_string_that_is_neither_is_found_at_any_depth() -> None:
    class Inner(Body):
        name: str
        names: list[Annotated[str, Field(max_length=3)] | None]
        nonce: Nonce

    class Draft(Body):
        title: DisplayName | None
        parts: dict[str, Inner]
        kind: Annotated[str, Token("colour")]

    found = list(unchecked(Draft))
    assert found == ["parts", "parts.name", "parts.names", "kind: no known token colour"]


def unchecked_of_route(function: HttpFunction) -> Iterator[str]:
    dependants = [function.route.dependant]
    while dependants:
        dependant = dependants.pop()
        dependants += dependant.dependencies
        for param in (
            *(*dependant.path_params, *dependant.query_params),
            *(*dependant.header_params, *dependant.body_params),
        ):
            info = param.field_info
            if param.alias not in CHECKED_ELSEWHERE:
                yield from unchecked(info.annotation, info.metadata, path=param.alias)


def unchecked(annotation: Any, metadata: Iterable[object] = (), *, path: str = "") -> Iterator[str]:
    """The paths of strings that nothing checks."""
    if annotation is str:
        yield from problems_of_string(metadata, path)
    elif get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from unchecked(inner, [*metadata, *more], path=path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if name not in CHECKED_ELSEWHERE:
                inner_path = f"{path}.{name}".removeprefix(".")
                yield from unchecked(field.annotation, field.metadata, path=inner_path)
    else:
        for argument in get_args(annotation):
            yield from unchecked(argument, path=path)


def problems_of_string(metadata: Iterable[object], path: str) -> Iterator[str]:
    marks = [each for each in metadata if isinstance(each, Text | Token)]
    if not marks:
        yield path
    for mark in marks:
        if isinstance(mark, Token) and mark.what not in TOKENS:
            yield f"{path}: no known token {mark.what}"
