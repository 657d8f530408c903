from __future__ import annotations

from typing import Any

from tests.feature.conversation import start_group
from tests.feature.world import Answer, Person


async def mark_unread(person: Person, conversation: str) -> Answer:
    return await person.call("mark_unread", id=conversation)


async def unread(person: Person) -> list[Any]:
    return list((await person.call("list_conversations", query="unread=true")).body["items"])


async def test_a_conversation_is_marked_as_unread_and_the_marker_stays(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    message = await grace.send(conversation, "hi")
    await ada.call("mark_read", {"seq": message["seq"]}, id=conversation)
    answer = await mark_unread(ada, conversation)

    state = {
        "conversation_id": conversation, "head": 1, "last_read_seq": 1, "unread_count": 0,
        "marked_unread": True,
        "mention_count": 0,
    }  # fmt: skip
    assert (answer.status, answer.body) == (200, state)
    shown = (await ada.call("show_conversation", id=conversation)).body
    assert (shown["marked_unread"], shown["unread_count"], shown["last_read_seq"]) == (True, 0, 1)
    assert [item["marked_unread"] for item in await unread(ada)] == [True]
    assert await unread(grace) == []


async def test_only_devices_of_the_caller_get_an_event_and_only_if_the_mark_is_new(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")
    answers = [await mark_unread(ada, conversation) for _ in range(2)]

    (event,) = own.received()
    assert (event["stream"], event["event"]) == (f"user:{ada.id}", "conversation.unread")
    assert event["data"] == answers[0].body == answers[1].body
    assert others.received() == []


async def test_reading_ends_the_mark_also_if_the_marker_does_not_move(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await mark_unread(ada, conversation)
    socket = await ada.open_socket()
    await socket.say("hello")
    answers = [await ada.call("mark_read", {"seq": 0}, id=conversation) for _ in range(2)]

    assert [answer.body["marked_unread"] for answer in answers] == [False, False]
    (event,) = socket.received()
    assert (event["event"], event["data"]) == ("conversation.read", answers[0].body)
    assert await unread(ada) == []


async def test_sending_ends_the_mark_of_the_author_only(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    for person in (ada, grace):
        await mark_unread(person, group.id)
    await ada.send(group.id, "hi")

    marked = [(await group.show(person))["marked_unread"] for person in (ada, grace, eve)]
    assert marked == [False, True, False]
    assert await unread(ada) == []
    assert [item["id"] for item in await unread(grace)] == [group.id]


async def test_a_mark_survives_messages_of_others_and_their_deletion(
    ada: Person, grace: Person
) -> None:
    group = await start_group(ada, grace)
    await mark_unread(ada, group.id)
    message = await grace.send(group.id, "hi")
    await group.delete(grace, message)

    (item,) = await unread(ada)
    assert (item["unread_count"], item["marked_unread"]) == (0, True)


async def test_a_stranger_cannot_mark_a_conversation_as_unread(
    ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)

    assert (await mark_unread(eve, conversation)).refusal == (404, "conversation_not_found")
