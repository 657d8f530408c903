from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.conversation import Conversation, start_direct
from tests.feature.world import Person, World


async def test_a_pinned_message_is_published_and_listed_until_it_is_unpinned(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await grace.send(group.id, "hi")
    socket = await grace.open_socket()
    await socket.say("hello")
    pinned = (await group.pin(ada, message)).body

    assert pinned["pinned_at"] >= message["created_at"]
    assert pinned == {**message, "pinned_at": pinned["pinned_at"]}
    assert (await group.list_pins(grace)).body == {"items": [pinned], "next": None}
    unpinned = (await group.unpin(ada, message)).body
    assert unpinned == message == (await group.show_message(grace, message)).body
    assert (await group.list_pins(grace)).body == {"items": [], "next": None}
    published = [{"message": pinned}, {"message": unpinned}]
    assert await group.events("message.updated") == published
    assert [event["data"] for event in socket.received()] == published


async def test_concurrent_pins_of_a_message_are_one_pin(ada: Person, group: Conversation) -> None:
    message = await ada.send(group.id, "hi")
    answers = await asyncio.gather(*(group.pin(ada, message, many=True) for _ in range(6)))

    assert len({answer.body["pinned_at"] for answer in answers}) == 1
    for _ in range(2):
        assert (await group.unpin(ada, message)).body == message
    assert len(await group.events("message.updated")) == 2


async def test_owners_and_admins_pin_and_in_a_direct_conversation_both_members(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    message = await grace.send(group.id, "hi")
    for call in (group.pin, group.unpin):
        assert (await call(grace, message)).refusal == (403, "not_allowed")
        assert (await call(eve, message)).refusal == (404, "message_not_found")
        assert (await call(ada, uuid4())).refusal == (404, "message_not_found")
    assert (await group.list_pins(eve)).refusal == (404, "conversation_not_found")
    assert await group.events("message.updated") == []

    direct = await start_direct(ada, grace)
    theirs = await ada.send(direct.id, "hi")
    assert (await direct.pin(grace, theirs)).status == 200
    assert (await direct.unpin(ada, theirs)).status == 200


async def test_a_conversation_has_at_most_fifty_pins(
    world: World, ada: Person, group: Conversation
) -> None:
    messages = [await ada.send(group.id, "hi") for _ in range(3)]
    await group.pin(ada, messages[0])
    await world.sql(
        """
        WITH message AS (
            INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at,
                                  pinned_at)
            SELECT gen_random_uuid(), %s, n, n, %s, 'old', now(), now()
            FROM generate_series(11, 58) n
            RETURNING id, conversation_id
        )
        INSERT INTO message_pins (message_id, conversation_id) SELECT * FROM message
        """,
        group.id,
        ada.id,
    )
    answers = await asyncio.gather(
        *(group.pin(ada, message, many=True) for message in messages[1:])
    )

    assert sorted(answer.status for answer in answers) == [200, 422]
    refused = next(answer for answer in answers if answer.status == 422)
    assert refused.refusal == (422, "too_many_pins")
    assert len((await group.list_pins(ada)).body["items"]) == 50
    assert (await group.pin(ada, messages[0])).status == 200


async def test_a_deleted_message_is_not_pinned(ada: Person, group: Conversation) -> None:
    message = await ada.send(group.id, "hi")
    await group.pin(ada, message)
    gone = (await group.delete(ada, message)).body

    assert (await group.list_pins(ada)).body["items"] == []
    assert (await group.pin(ada, message)).refusal == (409, "message_deleted")
    assert (await group.unpin(ada, message)).body == gone


async def test_a_block_prevents_pins_in_a_direct_conversation(ada: Person, grace: Person) -> None:
    direct = await start_direct(ada, grace)
    pinned, message = [await ada.send(direct.id, "hi") for _ in range(2)]
    await direct.pin(grace, pinned)
    await grace.call("block_user", user_id=ada.id)

    for person in (ada, grace):
        assert (await direct.pin(person, message)).refusal == (403, "blocked")
        assert (await direct.unpin(person, pinned)).refusal == (403, "blocked")
    assert (
        (await direct.pin(ada, pinned)).status == (await direct.unpin(ada, message)).status == 200
    )
    assert len(await direct.events("message.updated")) == 1
    assert (await direct.delete(ada, pinned)).status == 200, "each may delete their own messages"
