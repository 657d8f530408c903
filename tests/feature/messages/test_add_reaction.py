from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.feature.conversation import Conversation
from tests.feature.world import Person, World

THUMB = "👍🏽"

FLAG = "🏴󠁧󠁢󠁳󠁣󠁴󠁿"

FAMILY = "👩‍👩‍👧"


async def test_a_reaction_is_counted_published_and_shown(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    answer = await direct.react(grace, message, THUMB)

    assert (answer.status, answer.body) == (
        200,
        {"message_id": message["id"], "reactions": {THUMB: 1}, "my_reactions": [THUMB]},
    )
    data = {
        "message_id": message["id"],
        "message_seq": message["seq"],
        "reactions": {THUMB: 1},
        "changes": [{"user_id": grace.id, "emoji": THUMB, "added": True}],
    }
    (event,) = socket.received()
    assert (event["event"], event["seq"], event["data"]) == ("message.reacted", 2, data)
    assert await direct.events("message.reacted") == [data]
    seen = {**message, "reactions": {THUMB: 1}}
    assert (await direct.show_message(ada, message)).body == seen
    assert (await direct.show_message(grace, message)).body == {**seen, "my_reactions": [THUMB]}
    assert await direct.list_messages(grace) == [{**seen, "my_reactions": [THUMB]}]


async def test_repeating_a_reaction_changes_nothing(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    answers = await asyncio.gather(
        *(direct.react(ada, message, THUMB, many=True) for _ in range(6))
    )

    assert {str(answer.body) for answer in answers} == {str(answers[0].body)}
    assert answers[0].body["reactions"] == {THUMB: 1}
    assert len(await direct.events("message.reacted")) == 1
    assert (await direct.unreact(grace, message, THUMB)).body["reactions"] == {THUMB: 1}
    assert len(await direct.events("message.reacted")) == 1


async def test_concurrent_reactions_are_all_counted(
    world: World, ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    emoji = [chr(0x1F600 + number) for number in range(8)]
    await asyncio.gather(
        *(
            direct.react(person, message, each, many=True)
            for each in emoji
            for person in (ada, grace)
        )
    )

    assert (await direct.show_message(ada, message)).body["reactions"] == dict.fromkeys(emoji, 2)
    assert await direct.count_pending_reactions(message) == 15
    await world.work_off("workers.maintain_sockets", direct.reaction_job(message))
    published = await direct.events("message.reacted")
    assert [len(data["changes"]) for data in published] == [1, 15]
    assert published[1]["reactions"] == dict.fromkeys(emoji, 2)


@pytest.mark.parametrize("emoji", [THUMB, FLAG, FAMILY, "🇺🇦", "#️⃣", "❤️"])
async def test_an_emoji_in_a_path_may_be_percent_encoded(
    ada: Person, direct: Conversation, message: Any, emoji: str
) -> None:
    """API Gateway decodes the path, or it does not."""
    answer = await direct.react(ada, message, quote(emoji))

    assert answer.body["reactions"] == {emoji: 1}
    assert (await direct.unreact(ada, message, emoji)).body["reactions"] == {}


FORMS = (
    ("❤️", "❤"),
    ("👍", "👍\ufe0f"),
    ("1️⃣", "1⃣"),
    ("©️", "©"),
    ("🏴‍☠️", "🏴‍☠"),
    ("🏳️‍🌈", "🏳‍🌈"),
    ("👩‍❤️‍👨", "👩‍❤‍👨"),
    ("👁️‍🗨️", "👁‍🗨"),
    ("☝🏽", "☝\ufe0f🏽"),
    ("🕵🏽‍♀️", "🕵🏽‍♀"),
)
"""The fully qualified form of an emoji, and another one."""


@pytest.mark.parametrize(("qualified", "other"), FORMS)
async def test_all_forms_of_an_emoji_are_one_reaction(
    ada: Person, grace: Person, direct: Conversation, message: Any, qualified: str, other: str
) -> None:
    first = await direct.react(ada, message, other)
    assert first.body["reactions"] == {qualified: 1}
    socket = await grace.open_socket()
    frame = {"message_id": message["id"], "emoji": qualified, "added": True}
    assert (await socket.say("react", frame))["data"]["reactions"] == {qualified: 2}
    again = await socket.say("react", {**frame, "emoji": other})
    assert again["data"]["reactions"] == {qualified: 2}

    removed = await socket.say("react", {**frame, "emoji": other, "added": False})
    assert removed["data"]["reactions"] == {qualified: 1}
    assert (await direct.unreact(ada, message, other)).body["reactions"] == {}


@pytest.mark.parametrize(
    "emoji",
    [
        *("kys", ":)", ":thumbsup:", "party_parrot", "a", "é", "x" * 33, "👍👍", "👍a", "❤️‍"),
        *("1", "#", "🇺", "🇺🇦🇺🇦", "❤\ufe0e", "👍🏽🏽", "\ufe0f", "\u200d", "\u202e", "\u200b👍"),
        *("a b", " ", "👍 ", "\u00a0", "a\tb", "\x7f", "\0", "%FF"),
    ],
)
async def test_what_is_no_emoji_is_refused_wherever_it_is_sent(
    ada: Person, direct: Conversation, message: Any, emoji: str
) -> None:
    encoded = quote(emoji, safe="%")
    for call in (direct.react, direct.unreact):
        answer = await call(ada, message, encoded)
        assert answer.refusal == (422, "not_an_emoji")
        assert [error["field"] for error in answer.body["errors"]] == ["emoji"]
    socket = await ada.open_socket()
    for added in (True, False):
        frame = {"message_id": message["id"], "emoji": emoji, "added": added}
        assert (await socket.say("react", frame))["error"]["code"] == "not_an_emoji"
    assert (await direct.show_message(ada, message)).body["reactions"] == {}


async def test_a_message_has_at_most_twenty_different_reactions(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    emoji = [chr(0x1F600 + number) for number in range(21)]
    answers = [await direct.react(ada, message, each) for each in emoji]

    assert [answer.status for answer in answers] == [200] * 20 + [422]
    assert answers[-1].refusal == (422, "too_many_reactions")
    assert (await direct.react(grace, message, emoji[0])).body["reactions"][emoji[0]] == 2
    await direct.unreact(ada, message, emoji[5])
    assert (await direct.react(grace, message, emoji[20])).status == 200


async def test_only_members_add_and_remove_reactions(
    ada: Person, grace: Person, eve: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    await direct.react(grace, message, THUMB)
    for call in (direct.react, direct.unreact):
        existing, missing = await call(eve, message, THUMB), await call(eve, uuid4(), THUMB)
        assert existing.refusal == missing.refusal == (404, "message_not_found")
    await direct.drop_member(grace)

    assert (await direct.unreact(grace, message, THUMB)).refusal == (404, "message_not_found")
    assert (await direct.show_message(ada, message)).body["reactions"] == {THUMB: 1}


async def test_a_deleted_message_gets_no_reactions(
    world: World, ada: Person, direct: Conversation, message: Any
) -> None:
    for emoji in (THUMB, FLAG):
        await direct.react(ada, message, emoji)
    await direct.delete(ada, message)

    assert (await direct.react(ada, message, THUMB)).refusal == (409, "message_deleted")
    assert (await direct.unreact(ada, message, THUMB)).body["reactions"] == {}
    assert await direct.count_pending_reactions(message) == 0
    await world.work_off("workers.maintain_sockets", direct.reaction_job(message))
    assert len(await direct.events("message.reacted")) == 1


async def test_a_block_prevents_reactions_in_a_direct_conversation(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    await direct.react(grace, message, THUMB)
    await ada.call("block_user", user_id=grace.id)

    assert (await direct.react(grace, message, FLAG)).refusal == (403, "blocked")
    assert (await direct.unreact(grace, message, THUMB)).refusal == (403, "blocked")
    assert (await direct.react(ada, message, FLAG)).refusal == (403, "blocked")
    for unchanged in (direct.react(grace, message, THUMB), direct.unreact(ada, message, FLAG)):
        assert (await unchanged).body["reactions"] == {THUMB: 1}
    await ada.call("unblock_user", user_id=grace.id)
    assert (await direct.unreact(grace, message, THUMB)).body["reactions"] == {}
