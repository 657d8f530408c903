from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.messages.talk import Talk, talk
from tests.feature.world import Person, World


@pytest.fixture
async def group(ada: Person, grace: Person) -> Talk:
    """Ada owns it."""
    return await talk(ada, grace, kind="group")


async def test_pinned_told_listed_and_unpinned(ada: Person, grace: Person, group: Talk) -> None:
    message = await grace.send(group.id, "hi")
    socket = await grace.open_socket()
    await socket.say("hello")
    pinned = (await group.pin(ada, message)).body

    assert pinned["pinned_at"] >= message["created_at"]
    assert pinned == {**message, "pinned_at": pinned["pinned_at"]}
    assert (await group.pins(grace)).body == {"items": [pinned], "next": None}
    unpinned = (await group.unpin(ada, message)).body
    assert unpinned == message == (await group.show(grace, message)).body
    assert (await group.pins(grace)).body == {"items": [], "next": None}
    told = [{"message": pinned}, {"message": unpinned}]
    assert await group.events("message.updated") == told
    assert [event["data"] for event in socket.received()] == told


async def test_twice_is_once(ada: Person, group: Talk) -> None:
    message = await ada.send(group.id, "hi")
    answers = await asyncio.gather(*(group.pin(ada, message, many=True) for _ in range(6)))

    assert len({answer.body["pinned_at"] for answer in answers}) == 1
    for _ in range(2):
        assert (await group.unpin(ada, message)).body == message
    assert len(await group.events("message.updated")) == 2


async def test_the_last_pinned_first(ada: Person, group: Talk) -> None:
    sent = [await ada.send(group.id, f"{number}") for number in range(3)]
    for place in (1, 2, 0):
        await group.pin(ada, sent[place])

    pins = (await group.pins(ada)).body["items"]
    assert [pin["content"] for pin in pins] == ["0", "2", "1"]


async def test_by_owners_and_admins_and_in_a_direct_one_by_both(
    ada: Person, grace: Person, eve: Person, group: Talk
) -> None:
    message = await grace.send(group.id, "hi")
    for call in (group.pin, group.unpin):
        assert (await call(grace, message)).refusal == (403, "not_allowed")
        assert (await call(eve, message)).refusal == (404, "message_not_found")
        assert (await call(ada, uuid4())).refusal == (404, "message_not_found")
    assert (await group.pins(eve)).refusal == (404, "conversation_not_found")
    assert await group.events("message.updated") == []

    direct = await talk(ada, grace)
    theirs = await ada.send(direct.id, "hi")
    assert (await direct.pin(grace, theirs)).status == 200
    assert (await direct.unpin(ada, theirs)).status == 200


async def test_at_most_fifty(world: World, ada: Person, group: Talk) -> None:
    messages = [await ada.send(group.id, "hi") for _ in range(3)]
    await group.pin(ada, messages[0])
    await world.sql(
        """
        INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at,
                              pinned_at)
        SELECT gen_random_uuid(), %s, -n, -n, %s, 'old', now(), now() FROM generate_series(1, 48) n
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
    assert len((await group.pins(ada)).body["items"]) == 50
    assert (await group.pin(ada, messages[0])).status == 200


async def test_what_is_deleted_is_not_pinned(ada: Person, group: Talk) -> None:
    message = await ada.send(group.id, "hi")
    await group.pin(ada, message)
    gone = (await group.delete(ada, message)).body

    assert (await group.pins(ada)).body["items"] == []
    assert (await group.pin(ada, message)).refusal == (409, "message_deleted")
    assert (await group.unpin(ada, message)).body == gone
