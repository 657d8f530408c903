from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.world import Person, World


async def test_a_conversation_is_shown_with_all_its_members(world: World, ada: Person) -> None:
    people = await asyncio.gather(*(world.new_person("one") for _ in range(12)))
    conversation = await ada.converse(*people, kind="group")
    message = await people[0].send(conversation, "hello, all")
    shown = (await ada.call("show_conversation", id=conversation)).body

    assert {member["id"] for member in shown["members"]} == {ada.id, *(one.id for one in people)}
    assert shown["last_message"] == message
    assert (shown["head"], shown["unread_count"], shown["role"]) == (1, 1, "owner")


async def test_a_stranger_does_not_learn_that_a_conversation_exists(
    ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    existing = await eve.call("show_conversation", id=conversation)
    missing = await eve.call("show_conversation", id=uuid4())

    assert existing.refusal == missing.refusal == (404, "conversation_not_found")
    assert existing.body == missing.body


async def test_an_invalid_conversation_id_is_refused(ada: Person) -> None:
    answer = await ada.call("show_conversation", id="first")

    assert answer.refusal == (422, "validation_failed")


async def test_read_markers_are_shown_in_conversations_of_up_to_a_hundred_members(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace, kind="group")
    await ada.send(conversation, "hi")
    shown = (await grace.call("show_conversation", id=conversation)).body
    assert {m["id"]: m["last_read_seq"] for m in shown["members"]} == {ada.id: 1, grace.id: 0}

    (listed,) = (await grace.call("list_conversations")).body["items"]
    assert {member["last_read_seq"] for member in listed["members"]} == {None}
    await world.sql("UPDATE conversations SET member_count = 101 WHERE id = %s", conversation)
    shown = (await grace.call("show_conversation", id=conversation)).body
    assert {member["last_read_seq"] for member in shown["members"]} == {None}
