from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.conversation import start_group
from tests.feature.world import Answer, Person


async def change(person: Person, conversation: object, body: object) -> Answer:
    return await person.call("change_conversation", body, id=conversation)


async def test_the_owner_and_admins_rename_a_group(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace, eve)
    await group.put_member(ada, grace, role="admin")

    for person, name in ((ada, "Engines"), (grace, "🦉"), (ada, None)):
        answer = await change(person, group.id, {"name": name})
        assert (answer.status, answer.body["name"]) == (200, name)
        assert answer.body == await group.show(person)
    assert (await change(eve, group.id, {"name": "x"})).refusal == (403, "not_allowed")
    assert (await group.show(eve))["name"] is None


async def test_members_get_an_event_only_if_the_name_changes(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    sockets = [await person.open_socket() for person in (ada, grace)]
    for socket in sockets:
        await socket.say("hello")
    for _ in range(2):
        await change(ada, group.id, {"name": "Engines"})

    for socket in sockets:
        (event,) = socket.received()
        assert (event["stream"], event["seq"]) == (f"conv:{group.id}", 1)
        assert event["event"] == "conversation.updated"
        assert event["data"] == {
            "conversation": {
                "id": group.id,
                "name": "Engines",
                "history": "all",
                "link_previews": True,
            }
        }
    assert await group.events() == [(event["event"], event["data"])]


async def test_a_rename_does_not_count_as_unread(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    await ada.send(group.id, "hi")
    await change(ada, group.id, {"name": "Engines"})
    shown = await group.show(grace)

    assert (shown["head"], shown["unread_count"]) == (2, 1)


async def test_a_stranger_cannot_rename_a_group_and_nobody_a_direct_conversation(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    direct = await ada.converse(grace)

    existing, missing = [await change(eve, id, {"name": "x"}) for id in (group.id, uuid4())]
    assert existing.refusal == missing.refusal == (404, "conversation_not_found")
    assert existing.body == missing.body
    assert (await change(ada, direct, {"name": "us"})).refusal == (403, "not_allowed")
    assert (await group.head(), (await group.show(ada))["name"]) == (0, None)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " "}, {"name": "x" * 65}, {"name": 1}])
async def test_an_invalid_group_name_is_refused(ada: Person, body: object) -> None:
    group = await start_group(ada)

    assert (await change(ada, group.id, body)).refusal == (422, "validation_failed")


async def test_a_rename_changes_nothing_else(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    before = await group.show(grace)
    claimed = {"kind": "direct", "created_by": grace.id, "member_count": 9, "role": "owner"}
    refused = await change(ada, group.id, {"name": "n", "id": str(uuid4()), "head": 9, **claimed})

    assert refused.refusal == (422, "unknown_field")
    assert await group.show(grace) == before
    assert (await change(ada, group.id, {"name": "n"})).status == 200
    assert await group.show(grace) == {**before, "name": "n", "head": 1}
