"""OpenAPI 3.1 of all HTTP functions together."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.openapi.utils import get_openapi

from cgraph.core.http import mark_replay
from cgraph_local.api_documents import problems
from cgraph_local.api_documents.inventory import HttpFunction
from cgraph_local.api_documents.policies import policy_json, shown_scope
from cgraph_local.api_documents.reach import reach

ABOUT = (
    "Requests and responses are JSON in UTF-8. A refusal is a problem document (RFC 9457) with a "
    "stable `code`; docs/api/errors.md lists all codes. A field or query parameter that does not "
    "exist is refused. Texts are stored in Unicode's form NFC, without white space around them; "
    "their length is counted in characters as readers see them (extended grapheme clusters), and "
    "`maxLength` is that of their code points. Times may have any offset, and are returned in UTC. "
    "A list has `items` and `next`, the cursor of its next page, which is null "
    "on the last one. /asyncapi.json describes the WebSocket API."
)
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `access_token` that `POST /auth/login` returns. It is opaque.",
    }
}
_INTEGER = {"type": "integer"}
HEADERS: Mapping[str, Any] = {
    "RateLimit-Limit": {
        "description": "How many requests the caller may send at once.",
        "schema": _INTEGER,
    },
    "RateLimit-Remaining": {
        "description": "How many of these are left now.",
        "schema": _INTEGER,
    },
    "RateLimit-Reset": {
        "description": "Seconds until all of these are available again.",
        "schema": _INTEGER,
    },
    "Idempotent-Replayed": {
        "description": "The write was done by an earlier request; the response is the result of "
        "that request.",
        "schema": {"const": "true"},
    },
    "X-Correlation-Id": {
        "description": "Identifies the request in the logs. A client may choose it: 8 to 64 "
        "letters, digits and `_.:-`.",
        "schema": {"type": "string"},
    },
    **problems.HEADERS,
}
LIMITED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def openapi(functions: Sequence[HttpFunction], *, version: str) -> dict[str, Any]:
    """One document, in which models of one name are one schema."""
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
    """What FastAPI cannot know: the texts, who may call it, how often, and what is refused."""
    state, answers = function.app.state, operation["responses"]
    answers.pop("422", None)
    operation["summary"] = function.text.summary
    operation["description"] = function.text.description
    operation["operationId"] = function.name
    operation["tags"] = [function.feature]
    operation["x-policy"] = policy_json(state.policy)
    operation["x-scope"] = shown_scope(state.policy, state.scope)
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
    answers |= problems.responses(problems.refusals_of(function, method=method))
    for answer in answers.values():
        answer["headers"] = {**answer.get("headers", {}), **_headers("X-Correlation-Id")}
    operation["responses"] = dict(sorted(answers.items()))


def _add_replay(answers: dict[str, Any]) -> None:
    """An edit creates nothing and answers 200 both times: only the header tells them apart."""
    first = answers.get("201") or answers["200"]
    answers["200"] = {
        **first,
        "description": "An earlier request with the same nonce created it."
        if "201" in answers
        else first["description"],
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
