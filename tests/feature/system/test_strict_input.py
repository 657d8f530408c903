"""What a route does not declare is refused, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.feature.world import Person, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


def errors(body: Any) -> dict[str, str]:
    """The message of each unknown field."""
    return {
        each["field"]: each["message"] for each in body["errors"] if each["code"] == "unknown_field"
    }


async def test_an_unknown_field_is_refused_with_the_nearest_one(
    ada: Person, conversation: str
) -> None:
    draft = {"conversation_id": conversation, "content": "hi", "replyTo": None}
    answer = await ada.call("send_message", draft)

    assert answer.refusal == (422, "unknown_field")
    assert answer.body["errors"] == [
        {
            "field": "replyTo",
            "code": "unknown_field",
            "message": "There is no field `replyTo`; did you mean `reply_to`?",
        }
    ]
    assert answer.body["title"] == "Some fields do not exist"
    assert answer.body["detail"] == "replyTo: There is no field `replyTo`; did you mean `reply_to`?"


async def test_an_unknown_field_of_a_nested_object_is_refused(ada: Person) -> None:
    poll = {"options": ["yes", "no"], "multiple_choice": True, "end": None}
    draft = {"title": "Which?", "poll": poll, "nonce": "n"}
    answer = await ada.call("create_post", draft, slug="any-forum")

    assert answer.refusal == (422, "unknown_field")
    assert errors(answer.body).keys() == {"poll.multiple_choice", "poll.end"}
    assert "did you mean `multiple`?" in errors(answer.body)["poll.multiple_choice"]


async def test_all_other_errors_are_listed_too(ada: Person, conversation: str) -> None:
    draft = {"conversation_id": conversation, "nonce": "\n", "kontent": "hi"}
    answer = await ada.call("send_message", draft, query="dry=1")

    assert answer.refusal == (422, "unknown_field")
    codes = {error["field"]: error["code"] for error in answer.body["errors"]}
    assert codes == {
        "dry": "unknown_field",
        "kontent": "unknown_field",
        "content": "missing",
        "nonce": "string_pattern_mismatch",
    }
    assert "did you mean `content`?" in errors(answer.body)["kontent"]


@pytest.mark.parametrize(
    ("endpoint", "query", "message"),
    [
        (
            "list_conversations",
            "limt=3",
            "There is no query parameter `limt`; did you mean `limit`?",
        ),
        (
            "list_conversations",
            "limit=3&offset=2",
            "There is no query parameter `offset`; expected one of `unread`, `muted`, `limit`, "
            "`cursor`",
        ),
        (
            "revoke_sessions",
            "all=1",
            "There is no query parameter `all`; expected `current`",
        ),
        ("show_me", "x", "There is no query parameter `x`; none is expected"),
    ],
)
async def test_an_unknown_query_parameter_is_refused(
    ada: Person, endpoint: str, query: str, message: str
) -> None:
    answer = await ada.call(endpoint, query=query)

    assert answer.refusal == (422, "unknown_field")
    assert list(errors(answer.body).values()) == [message]
    assert (await ada.call("show_me")).status == 200


async def test_a_parameter_of_a_query_model_is_compared_too(ada: Person) -> None:
    answer = await ada.call("list_posts", query="sorted=new&time=day", slug="any-forum")

    assert answer.refusal == (422, "unknown_field")
    assert errors(answer.body) == {
        "sorted": "There is no query parameter `sorted`; did you mean `sort`?"
    }


async def test_a_body_is_refused_where_none_is_expected(ada: Person) -> None:
    answer = await ada.call("log_out", {"refresh_token": ada.refresh_token})

    assert answer.refusal == (422, "unknown_field")
    assert errors(answer.body) == {
        "refresh_token": "There is no field `refresh_token`; none is expected"
    }
    assert (await ada.call("show_me")).status == 200
    assert (await ada.call("log_out", {})).status == 204


async def test_a_caller_without_a_token_is_refused_for_that_first(world: World) -> None:
    query = await world.call("show_me", query="x=1")
    body = await world.call("change_me", {"x": 1})

    assert query.refusal == body.refusal == (401, "authentication_required")


async def test_a_path_that_does_not_exist_stays_a_404(world: World) -> None:
    answer = await world.call("refuse_unknown_route", {"x": 1}, query="x=1", path="nowhere")

    assert answer.refusal == (404, "not_found")


async def test_unknown_headers_are_free(ada: Person) -> None:
    assert (await ada.call("show_me", headers={"x-anything": "1"})).status == 200


async def test_at_most_fifty_unknown_fields_are_listed_and_their_names_are_cut(
    ada: Person,
) -> None:
    answer = await ada.call("change_me", {f"{number:09}" * 1000: 1 for number in range(2000)})

    assert answer.refusal == (422, "unknown_field")
    assert len(answer.body["errors"]) == 50
    assert {len(error["field"]) for error in answer.body["errors"]} == {51}


async def test_an_unknown_field_of_a_frame_is_refused(ada: Person, conversation: str) -> None:
    socket = await ada.open_socket()
    draft = {"conversation_id": conversation, "content": "hi", "replyTo": None}
    reply = await socket.say("send", draft)

    assert (reply["ok"], reply["error"]["code"]) == (False, "unknown_field")
    assert reply["error"]["status"] == 422
    assert errors(reply["error"]) == {
        "replyTo": "There is no field `replyTo`; did you mean `reply_to`?"
    }


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("hello", {"cursor": {}}),
        ("ping", {"stream": []}),
        ("sync", {"cursors": {}, "limits": 3}),
        ("subscribe", {"streams": ["user:00000000-0000-7000-8000-000000000000"], "lease": 1}),
        ("unsubscribe", {"streams": ["user:00000000-0000-7000-8000-000000000000"], "x": 1}),
        ("typing", {"stream": "user:00000000-0000-7000-8000-000000000000", "typed": True}),
        ("presence", {"status": "away", "text": "lunch"}),
        ("delete", {"message_id": "00000000-0000-7000-8000-000000000000", "hard": True}),
        (
            "react",
            {
                "message_id": "00000000-0000-7000-8000-000000000000",
                "emoji": "🦉",
                "added": True,
                "by": None,
            },
        ),
    ],
)
async def test_every_action_refuses_unknown_fields(
    ada: Person, action: str, data: dict[str, Any]
) -> None:
    socket = await ada.open_socket()
    reply = await socket.say(action, data)

    assert reply["error"]["code"] == "unknown_field"


async def test_an_unknown_key_of_a_frame_is_refused_with_the_nearest_one(ada: Person) -> None:
    socket = await ada.open_socket()
    frame = {"action": "ping", "id": "p1", "dta": {}, "version": 2}
    reply = await socket.say_raw(json.dumps(frame), route="ping")

    assert (reply["id"], reply["error"]["code"]) == ("p1", "unknown_field")
    assert errors(reply["error"]) == {
        "dta": "There is no key `dta`; did you mean `data`?",
        "version": "There is no key `version`; expected one of `action`, `id`, `data`",
    }
