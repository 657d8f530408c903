from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.conversations.group import group
from tests.feature.world import Answer, Person


async def change(person: Person, conversation: object, body: object) -> Answer:
    return await person.call("change_conversation", body, id=conversation)


async def test_owner_and_admins_name_a_group(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)
    await group_.put(ada, grace, role="admin")

    for person, name in ((ada, "Engines"), (grace, "🦉"), (ada, None)):
        answer = await change(person, group_.id, {"name": name})
        assert (answer.status, answer.body["name"]) == (200, name)
        assert answer.body == await group_.shown(person)
    assert (await change(eve, group_.id, {"name": "x"})).refusal == (403, "not_allowed")
    assert (await group_.shown(eve))["name"] is None


async def test_all_members_are_told_and_only_of_a_change(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)
    sockets = [await person.open_socket() for person in (ada, grace)]
    for socket in sockets:
        await socket.say("hello")
    for _ in range(2):
        await change(ada, group_.id, {"name": "Engines"})

    for socket in sockets:
        (event,) = socket.received()
        assert (event["stream"], event["seq"]) == (f"conv:{group_.id}", 1)
        assert event["event"] == "conversation.updated"
        assert event["data"] == {"conversation": {"id": group_.id, "name": "Engines"}}
    assert await group_.events() == [(event["event"], event["data"])]


async def test_unread_does_not_count_it(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)
    await ada.send(group_.id, "hi")
    await change(ada, group_.id, {"name": "Engines"})
    shown = await group_.shown(grace)

    assert (shown["head"], shown["unread_count"]) == (2, 1)


async def test_not_a_strangers_nor_a_direct_one(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace)
    direct = await ada.converse(grace)

    there, nowhere = [await change(eve, id, {"name": "x"}) for id in (group_.id, uuid4())]
    assert there.refusal == nowhere.refusal == (404, "conversation_not_found")
    assert there.body == nowhere.body
    assert (await change(ada, direct, {"name": "us"})).refusal == (403, "not_allowed")
    assert (await group_.head(), (await group_.shown(ada))["name"]) == (0, None)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " "}, {"name": "x" * 65}, {"name": 1}])
async def test_a_name_that_is_none(ada: Person, body: object) -> None:
    group_ = await group(ada)

    assert (await change(ada, group_.id, body)).refusal == (422, "validation_failed")


async def test_nothing_but_the_name_can_be_changed(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)
    before = await group_.shown(grace)
    claimed = {"kind": "direct", "created_by": grace.id, "member_count": 9, "role": "owner"}
    refused = await change(ada, group_.id, {"name": "n", "id": str(uuid4()), "head": 9, **claimed})

    assert refused.refusal == (422, "unknown_field")
    assert await group_.shown(grace) == before
    assert (await change(ada, group_.id, {"name": "n"})).status == 200
    assert await group_.shown(grace) == {**before, "name": "n", "head": 1}
