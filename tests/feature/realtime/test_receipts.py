from __future__ import annotations

from uuid import UUID

from cgraph.core.ids import short
from tests.feature.realtime.looking import come_due, is_due, look, pass_window, told
from tests.feature.world import Person, World


async def mark(person: Person, conversation: str, seq: int) -> None:
    answer = await person.call("mark_read", {"seq": seq}, id=conversation)
    assert answer.status == 200


async def test_told_to_those_who_look(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    own, other = await look(grace, conversation), await look(ada, conversation)
    elsewhere = await ada.open_socket()
    await elsewhere.say("hello")
    for number in range(3):
        await ada.send(conversation, f"{number}")
    for socket in (own, other, elsewhere):
        socket.received()
    for seq in (1, 2, 3, 3):
        await mark(grace, conversation, seq)
    (first,) = other.received()
    assert first == {
        "type": "event", "stream": f"conv:{conversation}", "event": "receipts.updated",
        "ttl_ms": 10_000, "data": {"receipts": [{"user_id": grace.id, "seq": 1}]},
    }  # fmt: skip
    assert is_due(world, conversation, "receipts")
    await come_due(world, conversation, "receipts")
    assert other.received() == [], "the window lasts"
    await pass_window(world, conversation, "receipts")

    assert told(other) == [("receipts.updated", {"receipts": [{"user_id": grace.id, "seq": 3}]})]
    assert [event for event, _ in told(own)] == ["conversation.read"] * 3
    assert elsewhere.received() == []


async def test_above_a_hundred_members_they_are_counts(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace, kind="group")
    for number in range(3):
        await ada.send(conversation, f"{number}")
    await world.sql("UPDATE conversations SET member_count = 101 WHERE id = %s", conversation)
    own, other = await look(grace, conversation), await look(ada, conversation)
    for seq in (2, 3):
        await mark(grace, conversation, seq)
    assert other.received() == []
    await pass_window(world, conversation, "receipts")

    counted = ("receipts.counted", {"seq": 3, "readers": 2})
    assert told(other) == [counted]
    assert counted in told(own)


async def test_where_nobody_looks_nothing_is_held(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "hi")
    await mark(grace, conversation, 1)

    assert world.valkey.keys(f"*{short(UUID(conversation))}*") == []
