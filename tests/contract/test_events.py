"""Invokes each function with its sample event, whose placeholders are filled as by `cgraph invoke`.

The response must be a success and match the API documents.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.placeholders import Placeholders
from tests.contract.checkout import CHECKOUT, Checkout, DeclaredFunction, Kind
from tests.contract.checks.routes import route_of
from tests.contract.documented import Document, pointer
from tests.system import LocalSystem

FUNCTIONS = Checkout(CHECKOUT).declared
TEMPLATE = Checkout(CHECKOUT).template
OPENAPI = Document(CHECKOUT / "docs" / "api" / "openapi.json")
ASYNCAPI = Document(CHECKOUT / "docs" / "api" / "asyncapi.json")


@pytest.fixture
def cloud(local: LocalSystem) -> RunningCloud:
    return RunningCloud(local.home)


@pytest.fixture
def placeholders(cloud: RunningCloud) -> Iterator[Placeholders]:
    """New placeholders for each event, because one event logs out."""
    placeholders = Placeholders(cloud)
    yield placeholders
    placeholders.close()


def _is_always_deployed(function: DeclaredFunction) -> bool:
    """Not only with OpenSearch, whose functions the tests in tests/feature/workers and
    tests/feature/deployment call.
    """
    return "Condition" not in TEMPLATE["Resources"][function.name]


@pytest.mark.parametrize(
    "function",
    [each for each in FUNCTIONS.values() if _is_always_deployed(each)],
    ids=lambda function: function.name,
)
def test_the_function_accepts_its_event(
    cloud: RunningCloud, placeholders: Placeholders, function: DeclaredFunction
) -> None:
    text = Path(CHECKOUT, "events", f"{function.stem}.json").read_text()
    event = json.loads(placeholders.fill(text))
    invocation = cloud.request("POST", f"/_local/invoke/{function.name}", event)
    assert invocation["error"] is None, invocation
    ANSWERS[function.kind](function, invocation["payload"])


def _http_answer(function: DeclaredFunction, payload: dict[str, Any]) -> None:
    status, route = payload["statusCode"], route_of(function)
    if payload.get("headers", {}).get("content-type", "").startswith("text/html"):
        assert status == 200, payload
        return
    body: Any = json.loads(payload["body"]) if payload.get("body") else None
    if route == "$default":
        assert (status, body["code"]) == (404, "not_found")
        return
    assert 200 <= status < 300, payload
    method, path = route.split(" ")
    answers = ("paths", path, method.lower(), "responses", str(status))
    if body is None:
        assert status == 204
        return
    schema = pointer(*answers, "content", "application/json", "schema")
    assert OPENAPI.errors(body, at=schema) == []


def _socket_answer(function: DeclaredFunction, payload: dict[str, Any]) -> None:
    assert payload["statusCode"] == 200, payload
    if function.stem in ("connect", "disconnect"):
        return
    frame = json.loads(payload["body"])
    assert frame["id"] == "c17"
    if function.stem == "default":
        assert frame["error"]["code"] == "unknown_action"
        return
    schema = pointer("components", "messages", f"{function.stem}_answered", "payload")
    assert ASYNCAPI.errors(frame, at=schema) == []


def _queue_answer(function: DeclaredFunction, payload: dict[str, Any]) -> None:
    assert payload == {"batchItemFailures": []}, payload


def _timer_answer(function: DeclaredFunction, payload: object) -> None:
    assert payload is None


def _manual_answer(function: DeclaredFunction, payload: object) -> None:
    assert isinstance(payload, dict), payload


ANSWERS = {
    Kind.HTTP: _http_answer,
    Kind.SOCKET: _socket_answer,
    Kind.QUEUE: _queue_answer,
    Kind.TIMER: _timer_answer,
    Kind.DEPLOYMENT: _timer_answer,
    Kind.MANUAL: _manual_answer,
}
