from __future__ import annotations

from typing import Any

from tests.feature.conversation import Conversation
from tests.feature.world import Person

THUMB = "👍🏽"


async def test_a_removed_reaction_is_no_longer_counted(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    for person in (ada, grace):
        await direct.react(person, message, THUMB)
    first = await direct.unreact(ada, message, THUMB)
    second = await direct.unreact(grace, message, THUMB)

    assert (first.body["reactions"], first.body["my_reactions"]) == ({THUMB: 1}, [])
    assert second.body["reactions"] == {}
    assert (await direct.show_message(grace, message)).body == message


async def test_a_user_removes_only_their_own_reaction(
    ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    await direct.react(ada, message, THUMB)
    answer = await direct.unreact(grace, message, THUMB)

    assert (answer.status, answer.body["reactions"]) == (200, {THUMB: 1})
    assert (await direct.show_message(ada, message)).body["my_reactions"] == [THUMB]


async def test_a_stranger_cannot_remove_a_reaction(
    eve: Person, direct: Conversation, message: Any
) -> None:
    answer = await direct.unreact(eve, message, THUMB)

    assert answer.refusal == (404, "message_not_found")
