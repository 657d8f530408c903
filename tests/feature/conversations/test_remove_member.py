from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.conversations.group import Group, group, own_events
from tests.feature.world import Person, Socket, World

ROUNDS = 50


async def test_who_removes_whom(world: World, ada: Person, grace: Person, eve: Person) -> None:
    other, late = await world.new_person("other"), await world.new_person("late")
    group_ = await group(ada, grace, eve, other, late)
    for admin in (grace, other):
        await group_.put(ada, admin, role="admin")

    for remover, removed in ((eve, late), (eve, ada), (grace, other), (grace, ada)):
        assert (await group_.remove(remover, removed)).refusal == (403, "not_allowed")
    for remover, removed in ((grace, late), (ada, grace), (ada, eve)):
        answer = await group_.remove(remover, removed)
        assert (answer.status, answer.body) == (204, None)
    assert await group_.roles(ada) == {"ada": "owner", "other": "admin"}


async def test_everyone_leaves_the_owner_last(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)
    await group_.put(ada, grace, role="admin")

    assert (await group_.remove(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert [(await group_.remove(who, who)).status for who in (grace, eve, ada)] == [204] * 3
    again = await group_.remove(ada, ada)
    assert again.refusal == (404, "conversation_not_found")
    assert await ada.world.sql(
        "SELECT member_count FROM conversations WHERE id = %s", group_.id
    ) == [(0,)]
    assert [kind for kind, _ in await group_.events()] == ["member.updated"] + [
        "member.removed"
    ] * 3


async def test_who_stays_and_who_goes_are_told(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)
    sockets = {person.id: await person.open_socket() for person in (ada, grace, eve)}
    for socket in sockets.values():
        await socket.say("hello")
    await group_.remove(ada, eve)
    await ada.send(group_.id, "without you")

    for person in (ada, grace):
        removed, created = sockets[person.id].received()
        assert (removed["stream"], removed["seq"]) == (f"conv:{group_.id}", 1)
        assert (removed["event"], removed["data"]) == ("member.removed", {"user_id": eve.id})
        assert created["seq"] == 2
    (left,) = sockets[eve.id].received()
    assert (left["stream"], left["event"]) == (f"user:{eve.id}", "conversation.left")
    assert left["data"] == {"conversation_id": group_.id}


async def test_to_whom_is_out_it_does_not_exist(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)
    await ada.send(group_.id, "hi")
    socket = await eve.open_socket()
    await socket.say("hello")
    await group_.remove(ada, eve)

    stream = f"conv:{group_.id}"
    for function, body in (
        ("show_conversation", None),
        ("list_messages", None),
        ("mark_read", {"seq": 1}),
        ("mute_conversation", {}),
        ("change_conversation", {"name": "mine"}),
    ):
        answer = await eve.call(function, body, id=group_.id)
        assert answer.refusal == (404, "conversation_not_found"), function
    sent = await eve.call("send_message", {"conversation_id": group_.id, "content": "let me in"})
    assert sent.refusal == (404, "conversation_not_found")
    assert (await group_.put(eve, eve)).refusal == (404, "conversation_not_found")
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    pong = await socket.say("ping", {"streams": [stream]})
    assert stream not in pong["heads"]
    assert (await eve.call("list_conversations")).body["items"] == []


async def test_back_again_they_have_read_all(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)
    for number in range(3):
        await ada.send(group_.id, f"{number}")
        if number == 1:
            await group_.remove(ada, grace)
    await group_.put(ada, grace)

    shown = await group_.shown(grace)
    assert (shown["unread_count"], shown["last_read_seq"]) == (0, 5)
    assert (await group_.shown(ada))["unread_count"] == 0
    await ada.send(group_.id, "3")
    assert (await group_.shown(grace))["unread_count"] == 1


async def test_who_is_not_there_and_a_direct_conversation(
    ada: Person, grace: Person, eve: Person
) -> None:
    group_ = await group(ada, grace)
    direct = Group(ada.world, await ada.converse(grace))

    for nobody in (eve, uuid4()):
        assert (await group_.remove(ada, nobody)).refusal == (404, "member_not_found")
        assert (await group_.remove(grace, nobody)).refusal == (403, "not_allowed")
    there, nowhere = [await each.remove(eve, grace) for each in (group_, Group(ada.world, ada.id))]
    assert there.refusal == nowhere.refusal == (404, "conversation_not_found")
    assert (await group_.remove(ada, "eve")).refusal == (422, "validation_failed")
    assert (await direct.remove(ada, grace)).refusal == (403, "not_allowed")
    assert (await direct.remove(ada, ada)).refusal == (422, "invalid_members")
    assert (await group_.head(), await direct.head()) == (0, 0)


async def test_removed_by_two_at_once_they_go_once(ada: Person, grace: Person, eve: Person) -> None:
    group_ = await group(ada, grace, eve)
    await group_.put(ada, grace, role="admin")
    answers = await asyncio.gather(
        *(group_.remove(who, eve, many=True) for who in (ada, grace, ada, grace))
    )

    assert sorted(answer.status for answer in answers) == [204, 404, 404, 404]
    assert {answer.refusal for answer in answers if answer.status == 404} == {
        (404, "member_not_found")
    }
    assert (await group_.shown(ada))["member_count"] == 2
    assert [kind for kind, _ in await group_.events()] == ["member.updated", "member.removed"]
    assert len(await own_events(eve, "conversation.left")) == 1


async def test_the_owner_leaves_while_the_last_member_does(ada: Person, grace: Person) -> None:
    """Whichever was first, there is no group with members and without an owner."""
    for _ in range(5):
        group_ = await group(ada, grace)
        owner, member = await asyncio.gather(
            *(group_.remove(who, who, many=True) for who in (ada, grace))
        )
        assert member.status == 204
        assert owner.status == 204 or owner.refusal == (409, "ownership_transfer_required")


async def test_at_once_with_messages_nobody_gets_what_came_after(ada: Person, eve: Person) -> None:
    """Whoever is removed while others write: no event after the removal's number is for them, and
    none of theirs comes after it.
    """
    group_ = await group(ada)
    socket = await eve.open_socket()
    await socket.say("hello")

    async def write(person: Person) -> None:
        draft = {"conversation_id": group_.id, "content": "now"}
        answer = await person.call("send_message", draft, many=True)
        assert answer.status == 201 or answer.refusal == (404, "conversation_not_found")

    async def remove() -> None:
        assert (await group_.remove(ada, eve, many=True)).status == 204

    for number in range(ROUNDS):
        await group_.put(ada, eve)
        calls = [write(ada), remove(), write(eve)]
        await asyncio.gather(*(calls if number % 2 else reversed(calls)))

    member, allowed = False, set()
    for seq, (kind, data) in enumerate(await group_.events(), start=1):
        member = kind != "member.removed" and (member or kind == "member.added")
        if member and kind == "message.created":
            allowed.add(seq)
        assert member or data.get("message", {}).get("author_id") != eve.id
    got = seen(socket, group_)
    assert got == allowed
    assert 0 < len(allowed) < 2 * ROUNDS, "they were not at once"


def seen(socket: Socket, group_: Group) -> set[int]:
    """The numbers that were pushed to the socket."""
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    return {event["seq"] for event in events if event["stream"] == f"conv:{group_.id}"}
