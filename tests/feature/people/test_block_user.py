from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.account import user_events
from tests.feature.world import Answer, Person


async def block(person: Person, other: object, *, many: bool = False) -> Answer:
    return await person.call("block_user", user_id=_id(other), many=many)


async def unblock(person: Person, other: object) -> Answer:
    return await person.call("unblock_user", user_id=_id(other))


async def start(person: Person, *others: Person, **fields: object) -> Answer:
    names = [other.username for other in others]
    draft = {"kind": "direct", "members": names, **fields}
    return await person.call("start_conversation", draft)


def _id(other: object) -> object:
    return other.id if isinstance(other, Person) else other


async def test_only_devices_of_the_blocking_user_get_block_events(
    ada: Person, grace: Person
) -> None:
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")
    for call in (block, block, unblock, unblock, block):
        answer = await call(ada, grace)
        assert (answer.status, answer.body) == (204, None)

    events = own.received()
    assert [event["event"] for event in events] == ["block.added", "block.removed", "block.added"]
    assert {event["stream"] for event in events} == {f"user:{ada.id}"}
    assert [event["data"] for event in events] == [{"user_id": grace.id}] * 3
    assert others.received() == []
    assert await user_events(grace, "block.added") == []


async def test_concurrent_blocks_of_a_user_are_one_block(ada: Person, grace: Person) -> None:
    answers = await asyncio.gather(*(block(ada, grace, many=True) for _ in range(8)))

    assert {answer.status for answer in answers} == {204}
    assert await user_events(ada, "block.added") == [{"user_id": grace.id}]


async def test_neither_user_can_start_a_direct_conversation_after_a_block(
    ada: Person, grace: Person
) -> None:
    await block(ada, grace)

    for one, other in ((ada, grace), (grace, ada)):
        assert (await start(one, other)).refusal == (403, "blocked")
    await unblock(ada, grace)
    assert (await start(grace, ada)).status == 201


async def test_a_direct_conversation_from_before_the_block_is_returned(
    ada: Person, grace: Person
) -> None:
    conversation = (await start(ada, grace)).body["id"]
    await block(ada, grace)

    for one, other in ((ada, grace), (grace, ada)):
        answer = await start(one, other, nonce="n1")
        assert (answer.status, answer.body["id"]) == (200, conversation)


async def test_after_a_block_neither_of_the_two_starts_a_group_with_the_other(
    ada: Person, grace: Person
) -> None:
    first = await start(ada, grace, kind="group", nonce="n1")
    await block(grace, ada)

    assert (await start(ada, grace, kind="group")).refusal == (403, "blocked")
    assert (await start(ada, grace, kind="group", nonce="n2")).refusal == (403, "blocked")
    again = await start(ada, grace, kind="group", nonce="n1")
    assert (again.status, again.body["id"]) == (200, first.body["id"])
    assert (await start(grace, ada, kind="group")).refusal == (403, "blocked")


async def test_a_user_cannot_block_themselves_or_an_unknown_user(ada: Person) -> None:
    assert (await block(ada, ada)).refusal == (422, "invalid_block")
    assert (await unblock(ada, ada)).status == 204
    for call in (block, unblock):
        assert (await call(ada, uuid4())).refusal == (404, "user_not_found")
        assert (await call(ada, "grace")).refusal == (422, "validation_failed")
