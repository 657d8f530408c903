from __future__ import annotations

import asyncio

import pytest

from tests.feature.world import Answer, Person, World


async def start(person: Person, *members: Person, **fields: object) -> Answer:
    names, many = [member.username for member in members], bool(fields.pop("many", False))
    draft = {"kind": "direct", "members": names, **fields}
    return await person.call("start_conversation", draft, many=many)


async def test_a_direct_conversation_exists_once_from_both_sides(
    ada: Person, grace: Person
) -> None:
    first = await start(ada, grace)
    again = await start(ada, grace)
    other_side = await start(grace, ada)

    assert (first.status, again.status, other_side.status) == (201, 200, 200)
    assert len({answer.body["id"] for answer in (first, again, other_side)}) == 1
    members = [(member["id"], member["role"]) for member in first.body["members"]]
    assert sorted(members) == sorted([(ada.id, "member"), (grace.id, "member")])
    assert (first.body["head"], first.body["unread_count"]) == (0, 0)


async def test_a_direct_conversation_started_from_both_sides_at_once_exists_once(
    world: World, ada: Person, grace: Person
) -> None:
    answers = await asyncio.gather(
        *(start(one, other, many=True) for one, other in [(ada, grace), (grace, ada)] * 8)
    )

    assert sorted(answer.status for answer in answers) == [200] * 15 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    heads = await world.sql("SELECT head FROM streams WHERE id IN (%s, %s)", ada.id, grace.id)
    assert heads == [(1,), (1,)]


async def test_a_group_has_an_owner_and_a_name(ada: Person, grace: Person, eve: Person) -> None:
    answer = await start(ada, grace, eve, kind="group", name="Sums & 🦉")

    assert answer.status == 201
    assert (answer.body["name"], answer.body["member_count"]) == ("Sums & 🦉", 3)
    roles = {member["id"]: member["role"] for member in answer.body["members"]}
    assert roles == {ada.id: "owner", grace.id: "member", eve.id: "member"}
    assert (await start(ada, grace, eve, kind="group")).body["id"] != answer.body["id"]


async def test_each_member_gets_an_event_in_their_own_stream(ada: Person, grace: Person) -> None:
    sockets = [await person.open_socket() for person in (ada, grace)]
    for socket in sockets:
        await socket.say("hello")
    started = (await start(ada, grace)).body

    for person, socket in zip((ada, grace), sockets, strict=True):
        (event,) = socket.received()
        assert (event["stream"], event["seq"]) == (f"user:{person.id}", 1)
        assert event["event"] == "conversation.joined"
        assert event["data"] == {"conversation": started}


async def test_concurrent_requests_with_one_nonce_start_one_group(
    world: World, ada: Person, grace: Person
) -> None:
    drafts = [{"kind": "group", "name": "one", "nonce": "n1"} for _ in range(8)]
    answers = await asyncio.gather(*(start(ada, grace, many=True, **draft) for draft in drafts))

    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    replayed = [a.headers.get("idempotent-replayed") for a in answers if a.status == 200]
    assert replayed == ["true"] * 7
    other = await start(ada, grace, kind="group", name="two", nonce="n1")
    assert other.refusal == (409, "nonce_conflict")
    groups = await world.sql("SELECT count(*) FROM conversations WHERE created_by = %s", ada.id)
    assert groups == [(1,)]


async def test_two_users_can_use_the_same_nonce(ada: Person, grace: Person) -> None:
    mine = await start(ada, grace, kind="group", nonce="n1")
    theirs = await start(grace, ada, kind="group", nonce="n1")

    assert (mine.status, theirs.status) == (201, 201)
    assert mine.body["id"] != theirs.body["id"]


async def test_a_nonce_is_not_used_up_if_nothing_was_written(
    ada: Person, grace: Person, eve: Person
) -> None:
    await start(ada, grace)

    assert (await start(ada, grace, nonce="n1")).status == 200
    assert (await start(ada, eve, nonce="n1")).status == 201
    assert (await start(ada, eve, nonce="n1")).status == 200
    assert (await start(ada, kind="group", nonce="n1")).refusal == (409, "nonce_conflict")


async def test_members_must_exist_and_fit_the_kind_of_conversation(
    ada: Person, grace: Person, eve: Person
) -> None:
    unknown = {"kind": "group", "members": [grace.username, "no-such-person"]}
    answer = await ada.call("start_conversation", unknown)
    assert answer.refusal == (422, "unknown_members")
    assert "no-such-person" in answer.body["detail"]

    for members in ((), (grace, eve)):
        assert (await start(ada, *members)).refusal == (422, "invalid_members")
    twice = await start(ada, grace, grace)
    assert twice.status in (200, 201)


async def test_a_group_can_have_one_member(ada: Person) -> None:
    answer = await start(ada, kind="group")

    assert (answer.status, answer.body["member_count"]) == (201, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "forum"),
        ("members", "grace"),
        ("members", ["not a name"]),
        ("members", ["x1"] * 1001),
        ("name", ""),
        ("nonce", "with space"),
        ("nonce", "x" * 65),
    ],
)
async def test_an_invalid_field_of_a_conversation_is_refused_and_named(
    ada: Person, field: str, value: object
) -> None:
    answer = await start(ada, **{"kind": "group", field: value})

    assert answer.refusal == (422, "validation_failed")
    assert answer.body["errors"][0]["field"].split(".")[0] == field


async def test_a_direct_conversation_cannot_have_a_name(ada: Person, grace: Person) -> None:
    assert (await start(ada, grace, name="us")).refusal == (422, "validation_failed")
