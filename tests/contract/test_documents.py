"""docs/api is up to date, valid, and has every route, event and refusal."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from cgraph_local.api_documents.documents import new_files
from cgraph_local.api_documents.frames import EPHEMERAL_EVENTS, EVENTS
from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.checks.refusals import codes_of
from tests.contract.documented import Document

FOLDER = CHECKOUT / "docs" / "api"
EVENT = re.compile(r"[a-z]+\.[a-z]+")
EVENT_IN_SQL = re.compile(rf"'({EVENT.pattern})'")

NOT_SHOWN = {
    "bad_request": "the base class: each refusal has a code of its own",
    "method_not_allowed": "API Gateway routes no other method to a function",
    "not_found": "what RefuseUnknownRoute answers, which is no operation",
    "unknown_action": "what `$default` answers, which is no operation",
}
"""Codes that are in no document, with the reasons."""


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


@pytest.fixture(scope="module", params=["openapi.json", "asyncapi.json"])
def document(request: pytest.FixtureRequest) -> Document:
    return Document(FOLDER / request.param)


def test_the_documents_are_up_to_date() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    for name, text in new_files(CHECKOUT / "functions", version=version).items():
        path = FOLDER / name
        assert path.is_file() and text == path.read_text(), (
            f"docs/api/{name} is stale: run `make docs` and commit what it changes"
        )


def test_openapi_is_valid() -> None:
    validate(Document(FOLDER / "openapi.json").content)


def test_every_reference_has_a_target(document: Document) -> None:
    assert document.references
    assert document.dangling() == []


def test_schemas_are_valid(document: Document) -> None:
    for schema in document.content["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_documented_once(checkout: Checkout) -> None:
    operations = [
        operation["operationId"]
        for path in Document(FOLDER / "openapi.json").content["paths"].values()
        for operation in path.values()
    ]
    routes = checkout.stack.http_api
    assert routes is not None
    expected = [
        checkout.declared[route.function].stem
        for route in routes.routes
        if route.path != "$default"
    ]
    assert sorted(operations) == sorted(expected)


ANNOUNCING = ("cgraph.realtime.ephemeral_events", "cgraph.chat.messages.visibility")
"""Modules with types of events, apart from actions."""


FOR_CONSUMERS = {"report.claimed", "report.resolved"}
"""Logged in streams that no client follows."""


def test_every_event_that_is_announced_is_documented(checkout: Checkout) -> None:
    announced = {
        text
        for source in checkout.layers
        if source.path.name == "actions.py" or source.module in ANNOUNCING
        for _, text in source.strings()
        if EVENT.fullmatch(text)
    }
    for path in (CHECKOUT / "infra" / "schema").rglob("*.sql"):
        announced |= set(EVENT_IN_SQL.findall(path.read_text()))
    announced -= FOR_CONSUMERS
    assert announced == EVENTS.keys() | EPHEMERAL_EVENTS.keys(), (
        "EVENTS or EPHEMERAL_EVENTS of api_documents/frames.py, then `make docs`"
    )


def test_every_refusal_is_documented(checkout: Checkout) -> None:
    shown = {
        code
        for name in ("openapi.json", "asyncapi.json")
        for code in _codes(Document(FOLDER / name).content)
    }
    unseen = codes_of(checkout).keys() - shown
    assert unseen == NOT_SHOWN.keys(), (
        "remove codes that nothing raises, or add a reason to NOT_SHOWN"
    )


def _codes(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        code = value.get("code")
        yield from code.get("enum", ()) if isinstance(code, dict) else ()
        for each in value.values():
            yield from _codes(each)
