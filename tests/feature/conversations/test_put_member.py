from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.account import user_events
from tests.feature.conversation import Conversation, start_group
from tests.feature.world import Person, World


async def test_the_owner_and_admins_add_members_and_members_cannot(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    late = await world.new_person("late")

    assert (await group.put_member(grace, eve)).refusal == (403, "not_allowed")
    answer = await group.put_member(ada, eve)
    assert (answer.status, answer.body) == (
        200,
        {
            "id": eve.id,
            "username": eve.username,
            "display_name": answer.body["display_name"],
            "avatar": None,
            "role": "member",
            "last_read_seq": None,
        },
    )
    await group.put_member(ada, grace, role="admin")
    assert (await group.put_member(grace, late, role="member")).status == 200
    assert await group.roles(late) == {
        "ada": "owner", "grace": "admin", "eve": "member", "late": "member",
    }  # fmt: skip


async def test_a_new_member_sees_the_whole_history_and_has_read_it(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    for number in range(3):
        await ada.send(group.id, f"{number}")
    await group.put_member(ada, eve)

    shown = await group.show(eve)
    assert (shown["head"], shown["last_read_seq"], shown["unread_count"]) == (4, 4, 0)
    history = (await eve.call("list_messages", id=group.id)).body["items"]
    assert len(history) == 3
    await ada.send(group.id, "3")
    assert [(await group.show(who))["unread_count"] for who in (grace, eve)] == [4, 1]
    marked = await eve.call("mark_read", {"seq": 5}, id=group.id)
    assert marked.body["unread_count"] == 0
    (listed,) = (await eve.call("list_conversations")).body["items"]
    assert listed["unread_count"] == 0


async def test_members_and_the_new_member_get_an_event(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    await ada.send(group.id, "hi")
    sockets = {person.id: await person.open_socket() for person in (ada, grace, eve)}
    for socket in sockets.values():
        await socket.say("hello")
    for _ in range(2):
        added = await group.put_member(ada, eve)

    for person in (ada, grace):
        (event,) = sockets[person.id].received()
        assert (event["stream"], event["event"]) == (f"conv:{group.id}", "member.added")
        assert (event["seq"], event["data"]) == (2, {"member": added.body})
    (joined,) = sockets[eve.id].received()
    assert (joined["stream"], joined["event"]) == (f"user:{eve.id}", "conversation.joined")
    conversation = joined["data"]["conversation"]
    assert conversation == await group.show(eve)
    assert (conversation["role"], conversation["head"]) == ("member", 2)
    await ada.send(group.id, "welcome")
    assert [event["seq"] for event in sockets[eve.id].received()] == [3]


async def test_a_user_added_by_several_at_once_is_added_once(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    await group.put_member(ada, grace, role="admin")
    answers = await asyncio.gather(
        *(group.put_member(person, eve, many=True) for person in (ada, grace) * 4)
    )

    assert {answer.status for answer in answers} == {200}
    assert (await group.show(eve))["member_count"] == 3
    assert len(await user_events(eve, "conversation.joined")) == 1
    assert [kind for kind, _ in await group.events()] == ["member.updated", "member.added"]


async def test_after_a_block_neither_of_the_two_adds_the_other(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    await eve.call("block_user", user_id=ada.id)

    assert (await group.put_member(ada, eve)).refusal == (403, "blocked")
    await group.put_member(ada, grace, role="admin")
    assert (await group.put_member(grace, eve)).status == 200
    assert (await group.put_member(ada, eve, role="admin")).status == 200
    await group.remove_member(ada, eve)
    await eve.call("unblock_user", user_id=ada.id)
    await ada.call("block_user", user_id=eve.id)
    assert (await group.put_member(ada, eve)).refusal == (403, "blocked")
    await ada.call("unblock_user", user_id=eve.id)
    assert (await group.put_member(ada, eve)).status == 200


async def test_a_group_has_at_most_a_thousand_members(
    world: World, ada: Person, grace: Person
) -> None:
    group = await start_group(ada)
    await group.fill(members=999)
    later = await world.new_person("later")

    first, second = await asyncio.gather(
        *(group.put_member(ada, who, many=True) for who in (grace, later))
    )
    assert sorted([first.status, second.status]) == [200, 422]
    refused = first if first.status == 422 else second
    assert refused.refusal == (422, "invalid_members")
    shown = await group.show(ada)
    assert (shown["member_count"], len(shown["members"])) == (1000, 1000)
    assert {member["last_read_seq"] for member in shown["members"]} == {None}


async def test_the_thirty_third_member_makes_a_group_large_for_good(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada)
    await group.fill(members=31)
    large = "SELECT DISTINCT large FROM conversation_members WHERE conversation_id = %s"

    await group.put_member(ada, grace)
    assert await world.sql(large, group.id) == [(False,)]
    await group.put_member(ada, eve)
    assert await world.sql(large, group.id) == [(True,)]
    await group.remove_member(ada, grace)
    await group.put_member(ada, grace)
    await group.remove_member(ada, eve)
    assert await world.sql(large, group.id) == [(True,)]

    other = await grace.converse(eve)
    await ada.send(group.id, "hi")
    listed = (await grace.call("list_conversations")).body["items"]
    assert [(item["id"], item["unread_count"]) for item in listed] == [(group.id, 1), (other, 0)]


async def test_the_members_of_a_direct_conversation_cannot_be_changed(
    ada: Person, grace: Person, eve: Person
) -> None:
    direct = Conversation(ada.world, await ada.converse(grace))

    for other, change in ((eve, {}), (ada, {"role": "owner"}), (grace, {"role": "admin"})):
        assert (await direct.put_member(ada, other, **change)).refusal == (403, "not_allowed")
    assert await direct.roles(ada) == {"ada": "member", "grace": "member"}


async def test_a_stranger_cannot_add_members_and_an_unknown_user_cannot_be_added(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    missing = Conversation(ada.world, str(uuid4()))

    existing = await group.put_member(eve, eve, role="owner")
    assert existing.refusal == (404, "conversation_not_found")
    assert existing.body == (await missing.put_member(eve, eve)).body
    assert (await group.put_member(eve, uuid4())).refusal == (404, "conversation_not_found")
    assert (await group.put_member(ada, uuid4())).refusal == (404, "user_not_found")
    assert (await group.put_member(ada, "eve")).refusal == (422, "validation_failed")
    assert (await group.put_member(ada, eve, role="king")).refusal == (422, "validation_failed")
    assert (await group.roles(ada), await group.head()) == (
        {"ada": "owner", "grace": "member"},
        0,
    )


async def test_unknown_fields_of_a_member_change_are_refused(ada: Person, grace: Person) -> None:
    group = await start_group(ada)
    claimed = {"large": True, "read_count": 99, "joined_at": "2001-01-01T00:00:00Z"}
    refused = await group.put_member(ada, grace, user_id=ada.id, last_read_seq=99, **claimed)
    answer = await group.put_member(ada, grace)

    assert refused.refusal == (422, "unknown_field")
    assert (answer.body["id"], answer.body["role"]) == (grace.id, "member")
    row = await ada.world.sql(
        "SELECT large, read_count, last_read_seq, joined_at > '2020-01-01'"
        " FROM conversation_members WHERE user_id = %s",
        grace.id,
    )
    assert row == [(False, 0, 1, True)]
