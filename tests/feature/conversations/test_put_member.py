from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.conversations.group import Group, group, own_events
from tests.feature.world import Person, World


async def test_owner_and_admins_add_members_add_nobody(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    late = await world.new_person("late")

    assert (await group_.put(grace, eve)).refusal == (403, "not_allowed")
    answer = await group_.put(ada, eve)
    assert (answer.status, answer.body) == (
        200,
        {
            "id": eve.id,
            "username": eve.username,
            "display_name": answer.body["display_name"],
            "role": "member",
            "last_read_seq": None,
        },
    )
    await group_.put(ada, grace, role="admin")
    assert (await group_.put(grace, late, role="member")).status == 200
    assert await group_.roles(late) == {
        "ada": "owner", "grace": "admin", "eve": "member", "late": "member",
    }  # fmt: skip


async def test_a_new_member_sees_all_and_has_read_all(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    for number in range(3):
        await ada.send(group_.id, f"{number}")
    await group_.put(ada, eve)

    shown = await group_.shown(eve)
    assert (shown["head"], shown["last_read_seq"], shown["unread_count"]) == (4, 4, 0)
    history = (await eve.call("list_messages", id=group_.id)).body["items"]
    assert len(history) == 3
    await ada.send(group_.id, "3")
    assert [(await group_.shown(who))["unread_count"] for who in (grace, eve)] == [4, 1]
    marked = await eve.call("mark_read", {"seq": 5}, id=group_.id)
    assert marked.body["unread_count"] == 0
    (listed,) = (await eve.call("list_conversations")).body["items"]
    assert listed["unread_count"] == 0


async def test_who_was_there_and_who_joins_are_told(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    await ada.send(group_.id, "hi")
    sockets = {person.id: await person.open_socket() for person in (ada, grace, eve)}
    for socket in sockets.values():
        await socket.say("hello")
    for _ in range(2):
        added = await group_.put(ada, eve)

    for person in (ada, grace):
        (event,) = sockets[person.id].received()
        assert (event["stream"], event["event"]) == (f"conv:{group_.id}", "member.added")
        assert (event["seq"], event["data"]) == (2, {"member": added.body})
    (joined,) = sockets[eve.id].received()
    assert (joined["stream"], joined["event"]) == (f"user:{eve.id}", "conversation.joined")
    conversation = joined["data"]["conversation"]
    assert conversation == await group_.shown(eve)
    assert (conversation["role"], conversation["head"]) == ("member", 2)
    await ada.send(group_.id, "welcome")
    assert [event["seq"] for event in sockets[eve.id].received()] == [3]


async def test_the_owner_gives_roles(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)

    for role in ("admin", "admin", "member"):
        answer = await group_.put(ada, grace, role=role)
        assert (answer.status, answer.body["role"]) == (200, role)
    assert [(kind, data["member"]["role"]) for kind, data in await group_.events()] == [
        ("member.updated", "admin"),
        ("member.updated", "member"),
    ]
    await group_.put(ada, grace, role="admin")
    for person, other, role in (
        (grace, eve, "admin"),
        (grace, grace, "owner"),
        (grace, grace, "member"),
        (grace, ada, "member"),
        (grace, eve, "owner"),
        (eve, eve, "admin"),
        (eve, eve, "owner"),
    ):
        answer = await group_.put(person, other, role=role)
        assert answer.refusal == (403, "not_allowed"), (person, other, role)
    assert await group_.roles(eve) == {"ada": "owner", "grace": "admin", "eve": "member"}


async def test_an_admin_adds_no_admin(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace)
    await group_.put(ada, grace, role="admin")

    for role in ("admin", "owner"):
        assert (await group_.put(grace, eve, role=role)).refusal == (403, "not_allowed")
    assert (await group_.put(ada, eve, role="admin")).body["role"] == "admin"
    assert await own_events(eve, "conversation.joined") != []


@pytest.mark.parametrize("there", [True, False])
async def test_handing_over(ada: Person, grace: Person, there: bool) -> None:
    group_ = await group(ada, *([grace] if there else []))
    assert (await group_.put(ada, grace, role="owner")).body["role"] == "owner"

    assert await group_.roles(grace) == {"ada": "admin", "grace": "owner"}
    told = [(kind, data["member"]["id"], data["member"]["role"])
            for kind, data in await group_.events()]  # fmt: skip
    first = "member.updated" if there else "member.added"
    assert told == [(first, grace.id, "owner"), ("member.updated", ada.id, "admin")]
    assert [(await group_.shown(who))["role"] for who in (ada, grace)] == ["admin", "owner"]
    for joined in (await own_events(grace, "conversation.joined"))[:1]:
        assert joined["conversation"]["head"] == (0 if there else 2)


async def test_an_owner_is_not_without_a_successor(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)

    for role in ("admin", "member"):
        assert (await group_.put(ada, ada, role=role)).refusal == (
            409,
            "ownership_transfer_required",
        )
    for change in ({}, {"role": "owner"}, {"role": None}):
        assert (await group_.put(ada, ada, **change)).body["role"] == "owner"
    assert await group_.head() == 0


async def test_handed_over_to_two_at_once_it_has_one_owner(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace, eve)
    answers = await asyncio.gather(
        *(group_.put(ada, other, role="owner", many=True) for other in (grace, eve))
    )

    assert sorted(answer.status for answer in answers) == [200, 403]
    roles = await group_.roles(ada)
    assert sorted(roles.values()) == ["admin", "member", "owner"]
    assert roles["ada"] == "admin"


async def test_added_by_several_at_once_they_are_in_once(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    await group_.put(ada, grace, role="admin")
    answers = await asyncio.gather(
        *(group_.put(person, eve, many=True) for person in (ada, grace) * 4)
    )

    assert {answer.status for answer in answers} == {200}
    assert (await group_.shown(eve))["member_count"] == 3
    assert len(await own_events(eve, "conversation.joined")) == 1
    assert [kind for kind, _ in await group_.events()] == ["member.updated", "member.added"]


async def test_nobody_is_put_beside_whom_they_have_blocked(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    await eve.call("block_user", user_id=ada.id)

    assert (await group_.put(ada, eve)).refusal == (403, "blocked")
    await group_.put(ada, grace, role="admin")
    assert (await group_.put(grace, eve)).status == 200
    assert (await group_.put(ada, eve, role="admin")).status == 200
    await group_.remove(ada, eve)
    await eve.call("unblock_user", user_id=ada.id)
    await ada.call("block_user", user_id=eve.id)
    assert (await group_.put(ada, eve)).status == 200


async def test_at_most_a_thousand(world: World, ada: Person, grace: Person) -> None:
    group_ = await group(ada)
    await fill(world, group_, members=999)
    later = await world.new_person("later")

    first, second = await asyncio.gather(
        *(group_.put(ada, who, many=True) for who in (grace, later))
    )
    assert sorted([first.status, second.status]) == [200, 422]
    refused = first if first.status == 422 else second
    assert refused.refusal == (422, "invalid_members")
    shown = await group_.shown(ada)
    assert (shown["member_count"], len(shown["members"])) == (1000, 1000)
    assert {member["last_read_seq"] for member in shown["members"]} == {None}


async def test_the_thirty_third_makes_it_large_and_it_stays(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada)
    await fill(world, group_, members=31)
    large = "SELECT DISTINCT large FROM conversation_members WHERE conversation_id = %s"

    await group_.put(ada, grace)
    assert await world.sql(large, group_.id) == [(False,)]
    await group_.put(ada, eve)
    assert await world.sql(large, group_.id) == [(True,)]
    await group_.remove(ada, grace)
    await group_.put(ada, grace)
    await group_.remove(ada, eve)
    assert await world.sql(large, group_.id) == [(True,)]

    other = await grace.converse(eve)
    await ada.send(group_.id, "hi")
    listed = (await grace.call("list_conversations")).body["items"]
    assert [(item["id"], item["unread_count"]) for item in listed] == [(group_.id, 1), (other, 0)]


async def test_a_direct_conversation_stays_between_two(
    ada: Person, grace: Person, eve: Person
) -> None:
    direct = Group(ada.world, await ada.converse(grace))

    for other, change in ((eve, {}), (ada, {"role": "owner"}), (grace, {"role": "admin"})):
        assert (await direct.put(ada, other, **change)).refusal == (403, "not_allowed")
    assert await direct.roles(ada) == {"ada": "member", "grace": "member"}


async def test_not_a_strangers_and_nobody_who_does_not_exist(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    nowhere = Group(ada.world, str(uuid4()))

    there = await group_.put(eve, eve, role="owner")
    assert there.refusal == (404, "conversation_not_found")
    assert there.body == (await nowhere.put(eve, eve)).body
    assert (await group_.put(eve, uuid4())).refusal == (404, "conversation_not_found")
    assert (await group_.put(ada, uuid4())).refusal == (404, "user_not_found")
    assert (await group_.put(ada, "eve")).refusal == (422, "validation_failed")
    assert (await group_.put(ada, eve, role="king")).refusal == (422, "validation_failed")
    assert (await group_.roles(ada), await group_.head()) == (
        {"ada": "owner", "grace": "member"},
        0,
    )


async def test_nothing_but_the_role_of_a_new_member_can_be_set(ada: Person, grace: Person) -> None:
    group_ = await group(ada)
    claimed = {"large": True, "read_count": 99, "joined_at": "2001-01-01T00:00:00Z"}
    refused = await group_.put(ada, grace, user_id=ada.id, last_read_seq=99, **claimed)
    answer = await group_.put(ada, grace)

    assert refused.refusal == (422, "unknown_field")
    assert (answer.body["id"], answer.body["role"]) == (grace.id, "member")
    row = await ada.world.sql(
        "SELECT large, read_count, last_read_seq, joined_at > '2020-01-01'"
        " FROM conversation_members WHERE user_id = %s",
        grace.id,
    )
    assert row == [(False, 0, 1, True)]


async def fill(world: World, group_: Group, *, members: int) -> None:
    """Up to so many, who exist in Postgres only."""
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'x' || %s || n, 'x' || %s || n || '@example.org', '', 'x',
                   now()
            FROM generate_series(2, %s) AS n
            RETURNING id
        ), counted AS (
            UPDATE conversations SET member_count = %s WHERE id = %s
        )
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT %s, id, 'member', now(), %s > 32, now() FROM person
        """,
        group_.id, group_.id, members, members, group_.id, group_.id, members,
    )  # fmt: skip
