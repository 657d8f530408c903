from __future__ import annotations

import asyncio

import pytest

from tests.feature.world import Answer, Person, World


async def mark(person: Person, conversation: str, seq: object, *, many: bool = False) -> Answer:
    return await person.call("mark_read", {"seq": seq}, id=conversation, many=many)


async def test_the_read_marker_moves_forward_never_back(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    for number in range(5):
        await grace.send(conversation, f"{number}")

    marked = [(await mark(ada, conversation, seq)).body for seq in (0, 3, 1, 3, 5)]
    assert [(m["last_read_seq"], m["unread_count"]) for m in marked] == [
        (0, 5), (3, 2), (3, 2), (3, 2), (5, 0),
    ]  # fmt: skip


async def test_the_read_marker_does_not_move_past_the_head(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    await grace.send(conversation, "one")

    far = (await mark(ada, conversation, 2**62)).body
    assert (far["last_read_seq"], far["unread_count"]) == (1, 0)
    await grace.send(conversation, "two")
    shown = (await ada.call("show_conversation", id=conversation)).body
    assert (shown["last_read_seq"], shown["unread_count"]) == (1, 1)


async def test_only_devices_of_the_reader_get_an_event_when_the_marker_moves(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await grace.send(conversation, "one")
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")
    for seq in (1, 1, 0):
        await mark(ada, conversation, seq)

    (event,) = own.received()
    assert (event["stream"], event["event"]) == (f"user:{ada.id}", "conversation.read")
    assert event["data"] == {
        "conversation_id": conversation, "head": 1, "last_read_seq": 1, "unread_count": 0,
        "marked_unread": False,
        "mention_count": 0,
    }  # fmt: skip
    assert others.received() == []


async def test_of_concurrent_read_markers_the_furthest_remains(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    for number in range(10):
        await grace.send(conversation, f"{number}")
    answers = await asyncio.gather(
        *(mark(ada, conversation, seq, many=True) for seq in (3, 10, 7, 1, 9, 10, 2, 8))
    )

    assert {answer.status for answer in answers} == {200}
    shown = (await ada.call("show_conversation", id=conversation)).body
    assert (shown["last_read_seq"], shown["unread_count"]) == (10, 0)
    events = await world.sql(
        "SELECT payload->>'last_read_seq' FROM events WHERE stream_id = %s AND type = %s"
        " ORDER BY seq",
        ada.id,
        "conversation.read",
    )
    logged = [int(row[0]) for row in events]
    assert logged == sorted(set(logged))
    assert logged[-1] == 10


async def test_a_stranger_cannot_mark_a_conversation_as_read(
    ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)

    assert (await mark(eve, conversation, 1)).refusal == (404, "conversation_not_found")


@pytest.mark.parametrize("seq", [-1, 2**63, "many", None, 1.5])
async def test_an_invalid_read_marker_is_refused(ada: Person, grace: Person, seq: object) -> None:
    conversation = await ada.converse(grace)

    assert (await mark(ada, conversation, seq)).refusal == (422, "validation_failed")
