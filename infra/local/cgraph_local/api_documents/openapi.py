"""OpenAPI 3.1 of all HTTP functions together."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.openapi.utils import get_openapi

from cgraph.core.http import mark_replay
from cgraph_local.api_documents import problems
from cgraph_local.api_documents.inventory import HttpFunction
from cgraph_local.api_documents.policies import described
from cgraph_local.api_documents.reach import reach

ABOUT = (
    "JSON in UTF-8. Errors are problem documents (RFC 9457) with a stable `code`. A list answers "
    "`items` and `next`, the cursor of its next page. Realtime is in /asyncapi.json."
)
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `access_token` of /auth/login; opaque.",
    }
}
_INTEGER = {"type": "integer"}
HEADERS: Mapping[str, Any] = {
    "RateLimit-Limit": {"description": "Requests at once.", "schema": _INTEGER},
    "RateLimit-Remaining": {"description": "How many are left of them.", "schema": _INTEGER},
    "RateLimit-Reset": {"description": "Seconds until all are back.", "schema": _INTEGER},
    "Idempotent-Replayed": {
        "description": "The write had been done before; this is its first answer.",
        "schema": {"const": "true"},
    },
    "X-Correlation-Id": {
        "description": "Under which the logs tell of this request; the client's own where it sent "
        "one of 8 to 64 letters, digits and `_.:-`.",
        "schema": {"type": "string"},
    },
    **problems.HEADERS,
}
LIMITED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def openapi(functions: Sequence[HttpFunction], *, version: str) -> dict[str, Any]:
    """One document, in which a model of one name is one schema whoever uses it."""
    document = get_openapi(
        title="CGraph",
        version=version,
        description=ABOUT,
        servers=[{"url": "/"}],
        routes=[function.route for function in functions],
    )
    for function in functions:
        for path, method in function.operations:
            _complete(document["paths"][path][method], function=function, method=method)
    components = document["components"]
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(fastapis_own, None)
    schemas = {**components["schemas"], **problems.SCHEMAS}
    components["schemas"] = {name: _whole(schemas[name]) for name in sorted(schemas)}
    components["headers"] = dict(HEADERS)
    components["securitySchemes"] = SECURITY
    document["tags"] = [{"name": name} for name in dict.fromkeys(f.feature for f in functions)]
    return document


def _complete(operation: dict[str, Any], *, function: HttpFunction, method: str) -> None:
    """What FastAPI cannot know: who may, how often, and what is refused."""
    state, answers = function.app.state, operation["responses"]
    validates = answers.pop("422", None) is not None
    operation["operationId"] = function.name
    operation["tags"] = [function.feature]
    operation["x-policy"] = described(state.policy)
    operation["x-limit"] = state.limit and {
        "name": state.limit.name,
        "per_minute": state.limit.per_minute,
        "burst": state.limit.burst,
    }
    operation["security"] = [{"bearer": []}] if state.policy.signed_in else []
    for status, answer in answers.items():
        answer["description"] = HTTPStatus(int(status)).phrase
        if state.limit is not None:
            answer["headers"] = _headers(*LIMITED)
    if mark_replay in reach(function.route.endpoint).mentions:
        _add_replay(answers)
    refusals = problems.refusals_of(function, method=method, validates=validates)
    answers |= problems.responses(refusals)
    for answer in answers.values():
        answer["headers"] = {**answer.get("headers", {}), **_headers("X-Correlation-Id")}
    operation["responses"] = dict(sorted(answers.items()))


def _add_replay(answers: dict[str, Any]) -> None:
    """An edit made nothing, and answers 200 both times: only the header tells them apart."""
    first = answers.get("201") or answers["200"]
    answers["200"] = {
        **first,
        "description": "It was there before." if "201" in answers else first["description"],
        "headers": {**first.get("headers", {}), **_headers("Idempotent-Replayed")},
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _whole(value: Any) -> Any:
    """FastAPI makes every bound a float: 1000.0 is 1000."""
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
