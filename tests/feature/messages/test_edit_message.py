from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.messages.talk import Talk, talk
from tests.feature.world import Person


@pytest.fixture
async def chat(ada: Person, grace: Person) -> Talk:
    return await talk(ada, grace)


async def test_answer_event_and_a_fresh_read_say_the_same(
    ada: Person, grace: Person, chat: Talk
) -> None:
    message = await ada.send(chat.id, "hi")
    socket = await grace.open_socket()
    await socket.say("hello")
    answer = await chat.edit(ada, message, "zwei 🦉")

    assert answer.status == 200
    edited = answer.body
    assert edited == {
        **message, "content": "zwei 🦉", "version": 2, "edited_at": edited["edited_at"],
    }  # fmt: skip
    assert edited["edited_at"] >= message["created_at"]
    assert await chat.events("message.updated") == [{"message": edited}]
    (event,) = socket.received()
    assert (event["event"], event["seq"], event["data"]) == (
        "message.updated",
        message["seq"] + 1,
        {"message": edited},
    )
    assert (await chat.show(grace, message)).body == edited
    assert await chat.history(grace) == [edited]


async def test_the_place_and_what_is_unread_stay(ada: Person, grace: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    await chat.edit(ada, message, "ho")
    shown = (await grace.call("show_conversation", id=chat.id)).body

    assert (shown["unread_count"], shown["head"]) == (1, 2)
    assert shown["last_message"]["content"] == "ho"
    assert (await ada.send(chat.id, "next"))["seq"] == 3


async def test_of_two_edits_of_one_version_one_wins(ada: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    texts = [f"edit {number}" for number in range(8)]
    answers = await asyncio.gather(*(chat.edit(ada, message, text, many=True) for text in texts))

    won = [answer.body for answer in answers if answer.status == 200]
    lost = [answer.refusal for answer in answers if answer.status != 200]
    assert lost == [(409, "stale_version")] * 7
    assert [each["version"] for each in won] == [2]
    assert await chat.events("message.updated") == [{"message": won[0]}]


async def test_the_same_edit_again_is_a_replay(ada: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    answers = [await chat.edit(ada, message, "ho") for _ in range(2)]
    answers += await asyncio.gather(*(chat.edit(ada, message, "ho", many=True) for _ in range(4)))

    assert {str(answer.body) for answer in answers} == {str(answers[0].body)}
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False] + [True] * 5
    assert len(await chat.events("message.updated")) == 1
    await chat.edit(ada, message, "third", version=2)
    assert (await chat.edit(ada, message, "ho")).refusal == (409, "stale_version")


async def test_only_by_its_author(ada: Person, grace: Person, eve: Person) -> None:
    group = await talk(ada, grace, kind="group")
    message = await grace.send(group.id, "hi")

    assert (await group.edit(ada, message, "owner")).refusal == (403, "not_allowed")
    assert (await group.edit(eve, message, "stranger")).refusal == (404, "message_not_found")
    assert (await group.edit(grace, uuid4(), "nothing")).refusal == (404, "message_not_found")
    await group.left(grace)
    assert (await group.edit(grace, message, "gone")).refusal == (404, "message_not_found")
    assert await group.events("message.updated") == []


async def test_for_a_day(ada: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    await chat.aged(message, days=1, minutes=-1)
    assert (await chat.edit(ada, message, "in time")).status == 200
    await chat.aged(message, days=1, minutes=1)

    late = await chat.edit(ada, message, "too late", version=2)
    assert late.refusal == (403, "edit_window_over")
    again = await chat.edit(ada, message, "in time")
    assert (again.status, again.headers["idempotent-replayed"]) == (200, "true")


async def test_not_what_is_deleted(ada: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    await chat.delete(ada, message)

    assert (await chat.edit(ada, message, "back")).refusal == (409, "message_deleted")
    assert (await chat.show(ada, message)).body["content"] == ""


async def test_not_to_somebody_who_has_blocked(ada: Person, grace: Person, chat: Talk) -> None:
    """Or an edit would say what a message may not."""
    message = await ada.send(chat.id, "hi")
    await grace.call("block_user", user_id=ada.id)

    assert (await chat.edit(ada, message, "and another thing")).refusal == (403, "blocked")
    assert (await chat.delete(ada, message)).status == 200


@pytest.mark.parametrize(
    ("content", "version", "field"),
    [("", 1, "content"), ("x" * 4001, 1, "content"), ("nul\0", 1, "content"), (None, 1, "content"),
     ("hi", 0, "version"), ("hi", 2**31, "version"), ("hi", "first", "version")],
)  # fmt: skip
async def test_what_is_not_valid(
    ada: Person, chat: Talk, content: object, version: object, field: str
) -> None:
    message = await ada.send(chat.id, "hi")
    answer = await ada.call(
        "edit_message", {"content": content, "version": version}, id=message["id"]
    )

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_nothing_but_the_content_can_be_edited(
    ada: Person, grace: Person, chat: Talk
) -> None:
    message = await ada.send(chat.id, "hi")
    claimed = {"author_id": grace.id, "seq": 9, "pinned_at": message["created_at"]}
    change = {"content": "ho", "version": 1}
    refused = await ada.call("edit_message", {**change, **claimed}, id=message["id"])
    edited = (await ada.call("edit_message", change, id=message["id"])).body

    assert refused.refusal == (422, "unknown_field")
    assert edited == {
        **message, "content": "ho", "version": 2, "edited_at": edited["edited_at"],
    }  # fmt: skip


async def test_over_the_socket(ada: Person, grace: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    socket, other = await ada.open_socket(), await grace.open_socket()
    frame = {"message_id": message["id"], "content": "ho", "version": 1}
    first = await socket.say("edit", frame, id="e1")
    again = await socket.say("edit", frame, id="e2")

    edited = (await chat.show(ada, message)).body
    assert first == {
        "type": "ack", "id": "e1", "ok": True, "replayed": False, "data": {"message": edited},
    }  # fmt: skip
    assert again == {**first, "id": "e2", "replayed": True}
    refused = await other.say("edit", {**frame, "version": 2})
    assert refused["error"]["code"] == "not_allowed"
    assert (await socket.say("edit", {**frame, "content": "hm"}))["error"]["status"] == 409
