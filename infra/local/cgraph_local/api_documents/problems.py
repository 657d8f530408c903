"""What a route may refuse, as OpenAPI responses: problem documents with their codes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params

from cgraph.core.errors import (
    AccountNotApproved,
    EmailNotVerified,
    InternalError,
    MalformedBody,
    RateLimited,
    ReadOnly,
    Refusal,
    UnknownField,
    ValidationFailed,
)
from cgraph.core.problems import PROBLEM
from cgraph_local.api_documents.inventory import HttpFunction
from cgraph_local.api_documents.reach import Function, reach

FIELD_PROBLEM: Mapping[str, Any] = {
    "field": {
        "description": "Its path, with dots: `poll.options.0`. Empty where it is the whole body.",
        "type": "string",
    },
    "code": {
        "description": "`unknown_field`, or the name of the rule that failed, such as `missing`.",
        "type": "string",
    },
    "message": {"description": "What is wrong, for people.", "type": "string"},
}
SCHEMAS: Mapping[str, Any] = {
    "Problem": {
        "title": "Problem",
        "description": "A refusal, as RFC 9457 has it. Clients decide by `code`, which is stable.",
        "type": "object",
        "properties": {
            "type": {
                "description": "`urn:cgraph:problem:` and the code.",
                "type": "string",
                "format": "uri",
            },
            "title": {"description": "What the code means, for people.", "type": "string"},
            "status": {"description": "The status of the response.", "type": "integer"},
            "code": {"description": "Stable; docs/api/errors.md lists all.", "type": "string"},
            "detail": {"description": "What is wrong with this request.", "type": "string"},
            "errors": {
                "description": "With `validation_failed`, `unknown_field`, `username_reserved` "
                "and `weak_password`: each field that is not valid, and at most 50 that do not "
                "exist.",
                "type": "array",
                "items": {"$ref": "#/components/schemas/FieldProblem"},
            },
        },
        "required": ["type", "title", "status", "code", "detail"],
    },
    "FieldProblem": {
        "title": "FieldProblem",
        "description": "A field, query parameter or path parameter that is not valid.",
        "type": "object",
        "properties": FIELD_PROBLEM,
        "required": [*FIELD_PROBLEM],
    },
}

HEADERS: Mapping[str, Any] = {
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {"schema": {"const": "Bearer"}},
}
_HEADER = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def refusals_of(function: HttpFunction, *, method: str) -> set[type[Refusal]]:
    """By the code it leads to, its dependencies and what each route of its kind may answer."""
    found = set[type[Refusal]]().union(*(reach(each).refusals for each in called(function)))
    found |= {InternalError, UnknownField}
    if function.app.state.limit is not None:
        found.add(RateLimited)
    if function.route.body_field is not None:
        found |= {MalformedBody, ValidationFailed}
    if get_flat_params(function.route.dependant):
        found.add(ValidationFailed)
    if function.app.state.policy.unapproved:
        found.discard(AccountNotApproved)
    if method in ("get", "head"):
        return found - {ReadOnly, EmailNotVerified}
    return found - {EmailNotVerified} if function.app.state.policy.unverified else found


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
