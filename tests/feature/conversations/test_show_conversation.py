from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.world import Person, World


async def test_with_all_its_members(world: World, ada: Person) -> None:
    people = await asyncio.gather(*(world.new_person("one") for _ in range(12)))
    conversation = await ada.converse(*people, kind="group")
    message = await people[0].send(conversation, "hello, all")
    shown = (await ada.call("conversations.show_conversation", id=conversation)).body

    assert {member["id"] for member in shown["members"]} == {ada.id, *(one.id for one in people)}
    assert (shown["last_message"], shown["head"], shown["unread_count"]) == (message, 1, 1)


async def test_that_it_exists_is_not_a_strangers_to_know(
    ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    there = await eve.call("conversations.show_conversation", id=conversation)
    nowhere = await eve.call("conversations.show_conversation", id=uuid4())

    assert there.refusal == nowhere.refusal == (404, "conversation_not_found")
    assert there.body == nowhere.body


async def test_an_id_that_is_none(ada: Person) -> None:
    answer = await ada.call("conversations.show_conversation", id="first")

    assert answer.refusal == (422, "validation_failed")
