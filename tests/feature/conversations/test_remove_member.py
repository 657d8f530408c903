from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.account import user_events
from tests.feature.conversation import Conversation, start_group
from tests.feature.world import Person, Socket, World

ROUNDS = 20


def received_seqs(socket: Socket, group: Conversation) -> set[int]:
    """The numbers that were pushed to the socket."""
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    return {event["seq"] for event in events if event["stream"] == f"conv:{group.id}"}


async def test_the_owner_removes_everybody_and_an_admin_only_members(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    other, late = await world.new_person("other"), await world.new_person("late")
    group = await start_group(ada, grace, eve, other, late)
    for admin in (grace, other):
        await group.put_member(ada, admin, role="admin")

    for remover, removed in ((eve, late), (eve, ada), (grace, other), (grace, ada)):
        assert (await group.remove_member(remover, removed)).refusal == (403, "not_allowed")
    for remover, removed in ((grace, late), (ada, grace), (ada, eve)):
        answer = await group.remove_member(remover, removed)
        assert (answer.status, answer.body) == (204, None)
    assert await group.roles(ada) == {"ada": "owner", "other": "admin"}


async def test_the_owner_leaves_a_group_last(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace, eve)
    await group.put_member(ada, grace, role="admin")

    assert (await group.remove_member(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert [(await group.remove_member(who, who)).status for who in (grace, eve, ada)] == [204] * 3
    again = await group.remove_member(ada, ada)
    assert again.refusal == (404, "conversation_not_found")
    assert await ada.world.sql(
        "SELECT member_count FROM conversations WHERE id = %s", group.id
    ) == [(0,)]
    assert [kind for kind, _ in await group.events()] == ["member.updated"] + ["member.removed"] * 3


async def test_remaining_members_and_the_removed_member_get_an_event(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    sockets = {person.id: await person.open_socket() for person in (ada, grace, eve)}
    for socket in sockets.values():
        await socket.say("hello")
    await group.remove_member(ada, eve)
    await ada.send(group.id, "without you")

    for person in (ada, grace):
        removed, created = sockets[person.id].received()
        assert (removed["stream"], removed["seq"]) == (f"conv:{group.id}", 1)
        assert (removed["event"], removed["data"]) == ("member.removed", {"user_id": eve.id})
        assert created["seq"] == 2
    (left,) = sockets[eve.id].received()
    assert (left["stream"], left["event"]) == (f"user:{eve.id}", "conversation.left")
    assert left["data"] == {"conversation_id": group.id}


async def test_for_a_removed_member_the_conversation_does_not_exist(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    await ada.send(group.id, "hi")
    socket = await eve.open_socket()
    await socket.say("hello")
    await group.remove_member(ada, eve)

    stream = f"conv:{group.id}"
    for function, body in (
        ("show_conversation", None),
        ("list_messages", None),
        ("mark_read", {"seq": 1}),
        ("mute_conversation", {}),
        ("change_conversation", {"name": "mine"}),
    ):
        answer = await eve.call(function, body, id=group.id)
        assert answer.refusal == (404, "conversation_not_found"), function
    sent = await eve.call("send_message", {"conversation_id": group.id, "content": "let me in"})
    assert sent.refusal == (404, "conversation_not_found")
    assert (await group.put_member(eve, eve)).refusal == (404, "conversation_not_found")
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    pong = await socket.say("ping", {"streams": [stream]})
    assert stream not in pong["heads"]
    assert (await eve.call("list_conversations")).body["items"] == []


async def test_a_member_who_returns_has_read_everything(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    for number in range(3):
        await ada.send(group.id, f"{number}")
        if number == 1:
            await group.remove_member(ada, grace)
    await group.put_member(ada, grace)

    shown = await group.show(grace)
    assert (shown["unread_count"], shown["last_read_seq"]) == (0, 5)
    assert (await group.show(ada))["unread_count"] == 0
    await ada.send(group.id, "3")
    assert (await group.show(grace))["unread_count"] == 1


async def test_neither_a_non_member_nor_a_member_of_a_direct_conversation_can_be_removed(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
    direct = Conversation(ada.world, await ada.converse(grace))

    for nobody in (eve, uuid4()):
        assert (await group.remove_member(ada, nobody)).refusal == (404, "member_not_found")
        assert (await group.remove_member(grace, nobody)).refusal == (403, "not_allowed")
    existing, missing = [
        await each.remove_member(eve, grace) for each in (group, Conversation(ada.world, ada.id))
    ]
    assert existing.refusal == missing.refusal == (404, "conversation_not_found")
    assert (await group.remove_member(ada, "eve")).refusal == (422, "validation_failed")
    assert (await direct.remove_member(ada, grace)).refusal == (403, "not_allowed")
    assert (await direct.remove_member(ada, ada)).refusal == (422, "invalid_members")
    assert (await group.head(), await direct.head()) == (0, 0)


async def test_a_member_removed_by_several_at_once_is_removed_once(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    await group.put_member(ada, grace, role="admin")
    answers = await asyncio.gather(
        *(group.remove_member(who, eve, many=True) for who in (ada, grace, ada, grace))
    )

    assert sorted(answer.status for answer in answers) == [204, 404, 404, 404]
    assert {answer.refusal for answer in answers if answer.status == 404} == {
        (404, "member_not_found")
    }
    assert (await group.show(ada))["member_count"] == 2
    assert [kind for kind, _ in await group.events()] == ["member.updated", "member.removed"]
    assert len(await user_events(eve, "conversation.left")) == 1


async def test_an_owner_leaving_with_the_last_member_leaves_no_group_without_owner(
    ada: Person, grace: Person
) -> None:
    """Whichever is first, no group has members and no owner."""
    for _ in range(5):
        group = await start_group(ada, grace)
        owner, member = await asyncio.gather(
            *(group.remove_member(who, who, many=True) for who in (ada, grace))
        )
        assert member.status == 204
        assert owner.status == 204 or owner.refusal == (409, "ownership_transfer_required")


async def test_a_removed_member_gets_no_further_event(ada: Person, eve: Person) -> None:
    """A member is removed while others write: after the number of the removal they get no event,
    and no message of theirs comes after it.
    """
    group = await start_group(ada)
    socket = await eve.open_socket()
    await socket.say("hello")

    async def write(person: Person) -> None:
        draft = {"conversation_id": group.id, "content": "now"}
        answer = await person.call("send_message", draft, many=True)
        assert answer.status == 201 or answer.refusal == (404, "conversation_not_found")

    async def remove() -> None:
        assert (await group.remove_member(ada, eve, many=True)).status == 204

    for number in range(ROUNDS):
        await group.put_member(ada, eve)
        calls = [write(ada), remove(), write(eve)]
        await asyncio.gather(*(calls if number % 2 else reversed(calls)))

    member, allowed = False, set()
    for seq, (kind, data) in enumerate(await group.events(), start=1):
        member = kind != "member.removed" and (member or kind == "member.added")
        if member and kind == "message.created":
            allowed.add(seq)
        assert member or data.get("message", {}).get("author_id") != eve.id
    received = received_seqs(socket, group)
    assert received == allowed
    assert 0 < len(allowed) < 2 * ROUNDS, "the requests did not overlap"
