from __future__ import annotations

from uuid import UUID

from cgraph.core.ids import short
from tests.feature.realtime.subscribers import (
    end_window,
    is_flush_scheduled,
    received_events,
    run_flush_job,
    subscribed_socket,
)
from tests.feature.world import Person, World


async def mark(person: Person, conversation: str, seq: int) -> None:
    answer = await person.call("mark_read", {"seq": seq}, id=conversation)
    assert answer.status == 200


async def test_receipts_reach_subscribers_coalesced(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    own, other = (
        await subscribed_socket(grace, conversation),
        await subscribed_socket(ada, conversation),
    )
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
    assert is_flush_scheduled(world, conversation, "receipts")
    await run_flush_job(world, conversation, "receipts")
    assert other.received() == [], "the window lasts"
    await end_window(world, conversation, "receipts")

    assert received_events(other) == [
        ("receipts.updated", {"receipts": [{"user_id": grace.id, "seq": 3}]})
    ]
    assert [event for event, _ in received_events(own)] == ["conversation.read"] * 3
    assert elsewhere.received() == []


async def test_above_a_hundred_members_receipts_are_counts(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace, kind="group")
    for number in range(3):
        await ada.send(conversation, f"{number}")
    await world.sql("UPDATE conversations SET member_count = 101 WHERE id = %s", conversation)
    own, other = (
        await subscribed_socket(grace, conversation),
        await subscribed_socket(ada, conversation),
    )
    for seq in (2, 3):
        await mark(grace, conversation, seq)
    assert other.received() == []
    await end_window(world, conversation, "receipts")

    counted = ("receipts.counted", {"seq": 3, "readers": 2})
    assert received_events(other) == [counted]
    assert counted in received_events(own)


async def test_without_subscribers_no_receipt_is_buffered(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "hi")
    await mark(grace, conversation, 1)

    assert world.valkey.keys(f"*{short(UUID(conversation))}*") == []
