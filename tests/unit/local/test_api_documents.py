"""What the documents say of each operation and frame."""

import json
from pathlib import Path
from typing import Any

import pytest

from cgraph.chat.policies import MEMBER
from cgraph.core import policies
from cgraph.forums.policies import FORUM_AUTHOR_OR_MODERATOR, FORUM_PARTICIPANT
from cgraph_local.api_documents.documents import new_documents, new_files
from cgraph_local.api_documents.frames import answer_frame
from cgraph_local.api_documents.policies import policy_json
from cgraph_local.api_documents.texts import operation_text
from cgraph_local.core.home import CHECKOUT


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
    assert sending["x-policy"] == policy_json(MEMBER)
    assert sending["x-policy"]["roles"] == ["owner", "admin", "member"]
    assert sending["x-limit"]["name"] == "send"
    health = openapi["paths"]["/health"]["get"]
    assert (health["security"], health["x-limit"]) == ([], None)
    assert health["x-policy"] == policy_json(policies.ANYONE)


def test_a_forums_policy_has_the_roles_of_forums(openapi: dict[str, Any]) -> None:
    creating = openapi["paths"]["/posts/{id}/comments"]["post"]["x-policy"]
    assert creating == policy_json(FORUM_PARTICIPANT)
    assert creating["roles"] == ["owner", "moderator", "member", "visitor"]
    assert policy_json(FORUM_AUTHOR_OR_MODERATOR)["roles"] == ["owner", "moderator"]


def test_an_action_says_who_may(documents: dict[str, Any]) -> None:
    operations = documents["asyncapi.json"]["operations"]
    assert operations["send"]["x-policy"] == policy_json(MEMBER)
    assert operations["ping"]["x-policy"] == policy_json(policies.READER)
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
        "| `POST /messages` | member of the conversation | ✓ | ✓ | ✓ |  | messages:write | "
        "send: 600 a minute, 120 at once |" in page
    )
    assert (
        "| `PUT /posts/{id}/lock` | owner or moderator of the forum | ✓ | ✓ |  |  |  |  | "
        "posts:write | write: 600 a minute, 120 at once |" in page
    )
    assert (
        "| `send` | member of the conversation | ✓ | ✓ | ✓ |  | messages:write | "
        "socket: 120 a minute, 60 at once |" in page
    )


def test_the_page_of_errors_names_what_carries_a_code() -> None:
    page = new_files(CHECKOUT / "functions", version="1.2.3")["errors.md"]
    sections = {
        section.partition("`")[0]: section.partition("\n")[2].strip()
        for section in page.split("### `")[1:]
    }
    assert sections["rate_limited"].endswith(
        "Operations: all with a rate limit.\n\nSocket actions: all."
    )
    assert "all writes of signed-in users." in sections["read_only"]
    assert "`POST /auth/register`" in sections["username_taken"]
    assert "all, except `presence`, `typing`, `unsubscribe`." in sections["database_unavailable"]
    assert "Every path that does not exist." in sections["not_found"]


def test_a_docstring_is_summary_and_description() -> None:
    def endpoint() -> None:
        """List the posts of a forum

        Returns the newest first. A post that was
        removed is left out.

        - A first
          point.
        - A second.
        """

    text = operation_text(endpoint)
    assert text.summary == "List the posts of a forum"
    assert text.description == (
        "Returns the newest first. A post that was removed is left out.\n\n"
        "- A first point.\n- A second."
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
    assert codes["409"] == {"enum": ["nonce_conflict", "upload_not_ready"]}
    assert codes["422"] == {
        "enum": ["reply_target_not_found", "unknown_field", "validation_failed"]
    }
    assert codes["404"] == {"enum": ["conversation_not_found", "upload_not_found"]}
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
