from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.feature.conversation import Conversation, start_group
from tests.feature.world import Person


async def mentioned(person: Person, group: Conversation, content: str) -> list[str]:
    return list((await person.send(group.id, content))["mentions"])


async def test_the_reply_the_event_and_a_later_read_have_the_same_edited_message(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    socket = await grace.open_socket()
    await socket.say("hello")
    answer = await direct.edit(ada, message, "zwei 🦉")

    assert answer.status == 200
    edited = answer.body
    assert edited == {
        **message, "content": "zwei 🦉", "content_html": "<p>zwei 🦉</p>\n",
        "version": 2, "edited_at": edited["edited_at"],
    }  # fmt: skip
    assert edited["edited_at"] >= message["created_at"]
    assert await direct.events("message.updated") == [{"message": edited}]
    (event,) = socket.received()
    assert (event["event"], event["seq"], event["data"]) == (
        "message.updated",
        message["seq"] + 1,
        {"message": edited},
    )
    assert (await direct.show_message(grace, message)).body == edited
    assert await direct.list_messages(grace) == [edited]


async def test_an_edit_keeps_the_place_and_the_unread_count(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    await direct.edit(ada, message, "ho")
    shown = (await grace.call("show_conversation", id=direct.id)).body

    assert (shown["unread_count"], shown["head"]) == (1, 2)
    assert shown["last_message"]["content"] == "ho"
    assert (await ada.send(direct.id, "next"))["seq"] == 3


async def test_an_edit_replaces_the_mentions(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, f"@{grace.username}")
    edited = (await group.edit(ada, message, f"@{ada.username}")).body

    assert (message["mentions"], edited["mentions"]) == ([grace.id], [ada.id])
    assert await group.events("message.updated") == [{"message": edited}]


async def test_an_edit_keeps_the_reactions(ada: Person, direct: Conversation, message: Any) -> None:
    await direct.react(ada, message, "👍🏽")
    edited = (await direct.edit(ada, message, "ho")).body

    assert (edited["reactions"], edited["my_reactions"]) == ({"👍🏽": 1}, ["👍🏽"])
    (published,) = await direct.events("message.updated")
    assert "my_reactions" not in published["message"]
    assert (await direct.show_message(ada, message)).body == edited


async def test_one_of_several_concurrent_edits_of_a_version_succeeds(
    ada: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    texts = [f"edit {number}" for number in range(8)]
    answers = await asyncio.gather(*(direct.edit(ada, message, text, many=True) for text in texts))

    won = [answer.body for answer in answers if answer.status == 200]
    lost = [answer.refusal for answer in answers if answer.status != 200]
    assert lost == [(409, "stale_version")] * 7
    assert [each["version"] for each in won] == [2]
    assert await direct.events("message.updated") == [{"message": won[0]}]


async def test_the_same_edit_again_is_a_replay(ada: Person, direct: Conversation) -> None:
    message = await ada.send(direct.id, "hi")
    answers = [await direct.edit(ada, message, "ho") for _ in range(2)]
    answers += await asyncio.gather(*(direct.edit(ada, message, "ho", many=True) for _ in range(4)))

    assert {str(answer.body) for answer in answers} == {str(answers[0].body)}
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False] + [True] * 5
    assert len(await direct.events("message.updated")) == 1
    await direct.edit(ada, message, "third", version=2)
    assert (await direct.edit(ada, message, "ho")).refusal == (409, "stale_version")


async def test_only_the_author_edits_a_message(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace)
    message = await grace.send(group.id, "hi")

    assert (await group.edit(ada, message, "owner")).refusal == (403, "not_allowed")
    assert (await group.edit(eve, message, "stranger")).refusal == (404, "message_not_found")
    assert (await group.edit(grace, uuid4(), "nothing")).refusal == (404, "message_not_found")
    await group.drop_member(grace)
    assert (await group.edit(grace, message, "gone")).refusal == (404, "message_not_found")
    assert await group.events("message.updated") == []


async def test_a_message_can_be_edited_for_a_day(ada: Person, direct: Conversation) -> None:
    message = await ada.send(direct.id, "hi")
    await direct.age_message(message, days=1, minutes=-1)
    assert (await direct.edit(ada, message, "in time")).status == 200
    await direct.age_message(message, days=1, minutes=1)

    late = await direct.edit(ada, message, "too late", version=2)
    assert late.refusal == (403, "edit_window_over")
    again = await direct.edit(ada, message, "in time")
    assert (again.status, again.headers["idempotent-replayed"]) == (200, "true")


async def test_a_deleted_message_cannot_be_edited(ada: Person, direct: Conversation) -> None:
    message = await ada.send(direct.id, "hi")
    await direct.delete(ada, message)

    assert (await direct.edit(ada, message, "back")).refusal == (409, "message_deleted")
    assert (await direct.show_message(ada, message)).body["content"] == ""


async def test_a_block_prevents_edits_in_a_direct_conversation(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    """Otherwise an edit could deliver what a new message could not."""
    message = await ada.send(direct.id, "hi")
    await grace.call("block_user", user_id=ada.id)

    assert (await direct.edit(ada, message, "and another thing")).refusal == (403, "blocked")
    assert (await direct.delete(ada, message)).status == 200


@pytest.mark.parametrize(
    ("content", "version", "field"),
    [("x" * 4001, 1, "content"), ("nul\0", 1, "content"), (None, 1, "content"),
     ("hi", 0, "version"), ("hi", 2**31, "version"), ("hi", "first", "version")],
)  # fmt: skip
async def test_an_invalid_edit_is_refused_and_named(
    ada: Person, direct: Conversation, content: object, version: object, field: str
) -> None:
    message = await ada.send(direct.id, "hi")
    answer = await ada.call(
        "edit_message", {"content": content, "version": version}, id=message["id"]
    )

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_an_edit_changes_nothing_but_the_content(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    claimed = {"author_id": grace.id, "seq": 9, "pinned_at": message["created_at"]}
    change = {"content": "ho", "version": 1}
    refused = await ada.call("edit_message", {**change, **claimed}, id=message["id"])
    edited = (await ada.call("edit_message", change, id=message["id"])).body

    assert refused.refusal == (422, "unknown_field")
    assert edited == {
        **message, "content": "ho", "content_html": "<p>ho</p>\n",
        "version": 2, "edited_at": edited["edited_at"],
    }  # fmt: skip
