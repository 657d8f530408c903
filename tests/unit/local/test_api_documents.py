"""What the documents are made of: what code leads to, and what each operation and frame says."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.policies import MEMBER
from cgraph.core import policies
from cgraph.core.errors import InvalidCursor, InvalidToken, NonceConflict
from cgraph_local.api_documents.documents import new_documents, new_files
from cgraph_local.api_documents.frames import answer_frame
from cgraph_local.api_documents.policies import described
from cgraph_local.api_documents.reach import leads_to, reach
from cgraph_local.home import CHECKOUT

SAMPLE = """
from cgraph import errors
from cgraph.core.errors import ConversationNotFound, InvalidCursor, InvalidToken, NonceConflict


def plain():
    raise InvalidToken


def either(first):
    raise InvalidToken if first else NonceConflict("what") from None


def through():
    plain()
    errors.InvalidCursor


def caught():
    try:
        plain()
    except errors.Refusal:
        return
    finally:
        raise NonceConflict


def renamed():
    try:
        plain()
    except (ValueError, InvalidToken) as error:
        raise InvalidCursor from error


def around(again):
    if again:
        around(False)
    raise ConversationNotFound


def passes_on(tx):
    tx.on_commit(plain)
    return [each() for each in (around,)]
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    file = tmp_path_factory.mktemp("sample") / "sample.py"
    file.write_text(SAMPLE)
    spec = importlib.util.spec_from_file_location("cgraph.sample", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "refusals"),
    [
        ("plain", {InvalidToken}),
        ("either", {InvalidToken, NonceConflict}),
        ("through", {InvalidToken}),
        ("caught", {NonceConflict}),
        ("renamed", {InvalidCursor}),
        ("around", {ConversationNotFound}),
        ("passes_on", set()),
    ],
)
def test_refusals_that_get_out(sample: ModuleType, name: str, refusals: set[type]) -> None:
    assert reach(getattr(sample, name)).refusals == refusals


def test_what_is_passed_on_is_led_to(sample: ModuleType) -> None:
    found = leads_to([sample.passes_on])
    assert found >= {".on_commit", "cgraph.sample.plain", "cgraph.sample.around"}


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return new_documents(CHECKOUT / "functions", version="1.2.3")


@pytest.fixture(scope="module")
def openapi(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return documents["openapi.json"]


def test_an_operation_says_who_may_and_how_often(openapi: dict[str, Any]) -> None:
    sending = openapi["paths"]["/messages"]["post"]
    assert (sending["operationId"], sending["tags"]) == ("send_message", ["messages"])
    assert sending["security"] == [{"bearer": []}]
    assert sending["x-policy"] == described(MEMBER)
    assert sending["x-policy"]["roles"] == ["owner", "admin", "member"]
    assert sending["x-limit"]["name"] == "send"
    health = openapi["paths"]["/health"]["get"]
    assert (health["security"], health["x-limit"]) == ([], None)
    assert health["x-policy"] == described(policies.ANYONE)


def test_an_action_says_who_may(documents: dict[str, Any]) -> None:
    operations = documents["asyncapi.json"]["operations"]
    assert operations["send"]["x-policy"] == described(MEMBER)
    assert operations["ping"]["x-policy"] == described(policies.SIGNED_IN)
    assert "x-policy" not in operations["push"]


def test_the_page_has_a_line_for_each_route_and_action(documents: dict[str, Any]) -> None:
    page = new_files(CHECKOUT / "functions", version="1.2.3")["policies.md"].splitlines()
    routes = {
        f"{method.upper()} {path}"
        for path, operations in documents["openapi.json"]["paths"].items()
        for method in operations
    }
    actions = documents["asyncapi.json"]["operations"].keys() - {"push"}
    assert sorted(line.split("`")[1] for line in page if line.startswith("| `")) == sorted(
        routes | actions
    )
    assert (
        "| `POST /messages` | member of the conversation | ✓ | ✓ | ✓ |  | send: 600 a minute, "
        "120 at once |" in page
    )
    assert (
        "| `send` | member of the conversation | ✓ | ✓ | ✓ |  | socket: 120 a minute, 60 at once |"
        in page
    )


def test_a_write_with_a_nonce_has_two_successes(openapi: dict[str, Any]) -> None:
    answers = openapi["paths"]["/messages"]["post"]["responses"]
    assert answers["200"]["content"] == answers["201"]["content"]
    assert "Idempotent-Replayed" in answers["200"]["headers"]
    assert "Idempotent-Replayed" not in answers["201"]["headers"]


def test_refusals_have_their_codes(openapi: dict[str, Any]) -> None:
    answers = openapi["paths"]["/messages"]["post"]["responses"]
    codes = {
        status: answer["content"]["application/problem+json"]["schema"]["properties"]["code"]
        for status, answer in answers.items()
        if status >= "400"
    }
    assert codes["409"] == {"enum": ["nonce_conflict"]}
    assert codes["422"] == {"enum": ["reply_target_not_found", "validation_failed"]}
    assert "read_only" in codes["503"]["enum"]
    assert "503" in openapi["paths"]["/me"]["get"]["responses"]
    assert "read_only" not in json.dumps(openapi["paths"]["/me"]["get"])


def test_nothing_of_fastapis_own_is_left(openapi: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(openapi)
    assert openapi["components"]["schemas"]["SyncRequest"]["properties"]["limit"]["maximum"] == 1000
    assert openapi["info"]["version"] == "1.2.3"


def test_an_action_may_leave_out_data_it_does_not_need(documents: dict[str, Any]) -> None:
    messages = documents["asyncapi.json"]["components"]["messages"]
    assert messages["ping"]["payload"]["required"] == ["action"]
    assert messages["send"]["payload"]["required"] == ["action", "data"]


def test_what_an_action_may_refuse(documents: dict[str, Any]) -> None:
    messages = documents["asyncapi.json"]["components"]["messages"]

    def codes(action: str) -> set[str]:
        error = messages[f"{action}_refused"]["payload"]["properties"]["error"]
        return set(error["properties"]["code"]["enum"])

    assert codes("send") > {"nonce_conflict", "read_only"}
    assert codes("react") > {"message_not_found", "too_many_reactions", "read_only"}
    assert "read_only" not in codes("sync")


def test_an_action_without_a_documented_answer_is_an_error() -> None:
    with pytest.raises(KeyError):
        answer_frame("dance")


def test_make_docs_writes_what_is_there() -> None:
    files = new_files(CHECKOUT / "functions", version="1.2.3")
    assert {path.name for path in Path(CHECKOUT, "docs", "api").iterdir()} == set(files)
