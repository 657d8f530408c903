"""What a route may refuse, as OpenAPI responses: problem documents with their codes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from fastapi.dependencies.models import Dependant

from cgraph.core.errors import (
    InternalError,
    MalformedBody,
    RateLimited,
    ReadOnly,
    Refusal,
    ValidationFailed,
)
from cgraph.core.http import PROBLEM
from cgraph_local.api_documents.inventory import HttpFunction
from cgraph_local.api_documents.reach import Function, reach

SCHEMAS: Mapping[str, Any] = {
    "Problem": {
        "title": "Problem",
        "description": "RFC 9457. `code` is stable; `detail` is for people.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {
                "description": "Where some fields are not valid: each of them.",
                "type": "array",
                "items": {"$ref": "#/components/schemas/FieldProblem"},
            },
        },
        "required": ["type", "title", "status", "code", "detail"],
    },
    "FieldProblem": {
        "title": "FieldProblem",
        "description": "`field` is a path with dots, empty where it is the body as a whole.",
        "type": "object",
        "properties": {
            "field": {"type": "string"},
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
        "required": ["field", "code", "message"],
    },
}

HEADERS: Mapping[str, Any] = {
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"schema": {"const": "Bearer"}},
}
_HEADER = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def refusals_of(function: HttpFunction, *, method: str, validates: bool) -> set[type[Refusal]]:
    """By the code it leads to, its dependencies and what each route of its kind may answer."""
    found = set[type[Refusal]]().union(*(reach(each).refusals for each in called(function)))
    found.add(InternalError)
    if function.app.state.limit is not None:
        found.add(RateLimited)
    if function.route.body_field is not None:
        found.add(MalformedBody)
    if validates:
        found.add(ValidationFailed)
    return found - {ReadOnly} if method in ("get", "head") else found


def called(function: HttpFunction) -> Iterator[Function]:
    """The endpoint and what it depends on."""
    yield from _calls(function.route.dependant)


def responses(refusals: Iterable[type[Refusal]]) -> dict[str, Any]:
    """One for each status."""
    ordered = sorted(refusals, key=lambda refusal: (refusal.status, refusal.code))
    by_status = groupby(ordered, key=lambda refusal: refusal.status)
    return {str(status): _response(status, list(group)) for status, group in by_status}


def _calls(dependant: Dependant) -> Iterator[Function]:
    assert dependant.call is not None
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def _response(status: int, refusals: list[type[Refusal]]) -> dict[str, Any]:
    codes = [refusal.code for refusal in refusals]
    schema = {"$ref": "#/components/schemas/Problem", "properties": {"code": {"enum": codes}}}
    response: dict[str, Any] = {
        "description": "; ".join(f"{refusal.code}: {refusal.title}" for refusal in refusals),
        "content": {PROBLEM: {"schema": schema}},
    }
    if status in _HEADER:
        name = _HEADER[status]
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"}}
    return response
