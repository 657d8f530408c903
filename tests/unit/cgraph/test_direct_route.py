"""A request that goes straight to its endpoint is answered as by Mangum and FastAPI."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI, Query, Response
from mangum import Mangum
from pydantic import Field

from cgraph.core import policies
from cgraph.core.direct_route import DirectRoute, Unusual
from cgraph.core.errors import NotFound
from cgraph.core.fields import Body, Model, QueryParameters
from cgraph.core.http import json_body, lambda_handler, mark_replay, new_app
from cgraph.core.log import logger

THING = str(uuid4())
TEXT = "café ☕"
Handle = Callable[[dict[str, Any], Any], dict[str, Any]]


class Draft(Body):
    name: str = Field(max_length=20)
    size: int = 1


class Filter(QueryParameters):
    limit: int = Field(default=20, ge=1, le=100)
    tag: str | None = None


class Thing(Model):
    id: UUID
    name: str
    size: int = 0


def app_with(method: str, path: str, endpoint: Callable[..., Any], **options: Any) -> FastAPI:
    app = new_app(policies.ANYONE, limit=None)
    app.api_route(path, methods=[method], **options)(endpoint)
    return app


async def show(id: UUID, filter: Annotated[Filter, Query()]) -> Thing:
    if filter.tag == "gone":
        raise NotFound
    if filter.tag == "broken":
        raise ZeroDivisionError
    return Thing(id=id, name=filter.tag or TEXT, size=filter.limit)


async def show_json(id: UUID) -> str:
    return json.dumps({"id": str(id), "name": TEXT}, ensure_ascii=False)


async def create(id: UUID, draft: Draft, response: Response) -> Thing:
    mark_replay(response, replayed=draft.size == 2)
    return Thing(id=id, name=draft.name, size=draft.size)


async def delete(id: UUID) -> None:
    assert isinstance(id, UUID)


SHOW = lambda_handler(app_with("GET", "/things/{id}", show))
SHOW_JSON = lambda_handler(app_with("GET", "/things/{id}", show_json, **json_body(Thing)))
CREATE = lambda_handler(app_with("POST", "/things/{id}", create, status_code=201))
DELETE = lambda_handler(app_with("DELETE", "/things/{id}", delete, status_code=204))


def event(method: str, path: str, **parts: Any) -> dict[str, Any]:
    query, body, headers = parts.get("query", ""), parts.get("body"), parts.get("headers", {})
    about = {"method": method, "path": path, "sourceIp": "127.0.0.1"}
    found: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.test", "content-type": "application/json", **headers},
        "requestContext": {"http": about, "requestId": "the-request"},
        "isBase64Encoded": parts.get("base64", False),
    }
    if body is not None:
        found["body"] = body if isinstance(body, str) else json.dumps(body)
    return found


def answer(handle: Handle, request: dict[str, Any], *, directly: bool) -> dict[str, Any]:
    """Either way must be the one that is taken."""
    with (
        patch.object(Mangum, "__call__", side_effect=AssertionError("not directly"))
        if directly
        else patch.object(DirectRoute, "parse", side_effect=Unusual)
    ):
        return handle(request, None)


@pytest.mark.parametrize(
    ("handle", "request_", "status"),
    [
        (SHOW, event("GET", f"/things/{THING}"), 200),
        (SHOW, event("GET", f"/v1/things/{THING}", query="limit=3&tag=caf%C3%A9"), 200),
        (SHOW, event("GET", f"/things/%7B{THING}%7D"), 200),
        (SHOW, event("GET", f"/things/{THING}", query="tag=gone"), 404),
        (SHOW, event("GET", f"/things/{THING}", body=""), 200),
        (SHOW_JSON, event("GET", f"/things/{THING}"), 200),
        (CREATE, event("POST", f"/things/{THING}", body={"name": TEXT}), 201),
        (CREATE, event("POST", f"/things/{THING}", body={"name": "a", "size": 2}), 200),
        (DELETE, event("DELETE", f"/things/{THING}"), 204),
    ],
)
def test_both_ways_answer_the_same(handle: Handle, request_: dict[str, Any], status: int) -> None:
    direct = answer(handle, request_, directly=True)

    assert direct["statusCode"] == status
    assert direct == answer(handle, request_, directly=False)


@pytest.mark.parametrize("directly", [True, False])
def test_a_failure_is_answered_and_logged_alike(directly: bool) -> None:
    request = event("GET", f"/things/{THING}", query="tag=broken")

    with patch.object(logger, "error", wraps=logger.error) as logged:
        reply = answer(SHOW, request, directly=directly)

    assert (reply["statusCode"], json.loads(reply["body"])["code"]) == (500, "internal_error")
    assert [call.args for call in logged.call_args_list] == [("request_failed",)]


@pytest.mark.parametrize(
    ("handle", "request_", "status", "code"),
    [
        (SHOW, event("GET", "/things/none"), 422, "validation_failed"),
        (SHOW, event("GET", f"/things/{THING}", query="limit=0"), 422, "validation_failed"),
        (SHOW, event("GET", f"/things/{THING}", query="limt=1"), 422, "unknown_field"),
        (SHOW, event("GET", f"/things/{THING}", body={"name": "a"}), 422, "unknown_field"),
        (SHOW, event("GET", f"/other/{THING}"), 404, "not_found"),
        (SHOW, event("PUT", f"/things/{THING}"), 405, "method_not_allowed"),
        (CREATE, event("POST", f"/things/{THING}"), 422, "validation_failed"),
        (CREATE, event("POST", f"/things/{THING}", body="null"), 422, "validation_failed"),
        (CREATE, event("POST", f"/things/{THING}", body='{"name":"a"'), 400, "malformed_body"),
        (CREATE, event("POST", f"/things/{THING}", body='{"name":"a","name":"b"}'), 400,
         "malformed_body"),
        (CREATE, event("POST", f"/things/{THING}", body={"name": "a", "extra": 1}), 422,
         "unknown_field"),
        (CREATE, event("POST", f"/things/{THING}", body={"name": "a", "size": "1"}), 422,
         "validation_failed"),
        (CREATE, event("POST", f"/things/{THING}", body={"name": "a"},
                       headers={"content-type": "text/plain"}), 422, "validation_failed"),
    ],
)  # fmt: skip
def test_the_app_refuses_what_is_not_valid(
    handle: Handle, request_: dict[str, Any], status: int, code: str
) -> None:
    with patch.object(DirectRoute, "answer", side_effect=AssertionError("answered directly")):
        refused = handle(request_, None)

    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (status, code)


def test_a_body_in_base64_is_for_the_app() -> None:
    request = event("POST", f"/things/{THING}", body="eyJuYW1lIjoiYSJ9", base64=True)

    assert handle_status(CREATE, request) == 201


def handle_status(handle: Handle, request: dict[str, Any]) -> int:
    with patch.object(DirectRoute, "answer", side_effect=AssertionError("answered directly")):
        return int(handle(request, None)["statusCode"])


def test_a_query_that_was_read_once_is_not_changed_by_its_endpoint() -> None:
    """It is kept for the next request with the same query."""
    filter = Filter(limit=3)
    with pytest.raises(ValueError, match="frozen"):
        filter.limit = 4
