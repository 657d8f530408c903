"""A message sent again with its nonce."""

from __future__ import annotations

import asyncio

from tests.feature.conversation import Conversation, send
from tests.feature.world import Person, World


async def test_a_nonce_sends_one_message(world: World, ada: Person, direct: Conversation) -> None:
    first = await send(ada, direct.id, "hi", nonce="n1")
    again = await send(ada, direct.id, "hi", nonce="n1")

    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert await world.sql(
        "SELECT count(*) FROM messages WHERE conversation_id = %s", direct.id
    ) == [(1,)]


async def test_a_replayed_message_causes_no_event(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    await send(ada, direct.id, nonce="n1")
    socket = await grace.open_socket()
    await socket.say("hello")
    await send(ada, direct.id, nonce="n1")

    assert socket.received() == []


async def test_a_nonce_with_another_body_is_refused(
    ada: Person, grace: Person, eve: Person, direct: Conversation
) -> None:
    first = await send(ada, direct.id, "hi", nonce="n1")
    others = [
        await send(ada, direct.id, "ho", nonce="n1"),
        await send(ada, direct.id, "hi", nonce="n1", reply_to=first.body["id"]),
        await send(ada, await ada.converse(eve), "hi", nonce="n1"),
    ]

    assert [answer.refusal for answer in others] == [(409, "nonce_conflict")] * 3
    assert (await send(grace, direct.id, "ho", nonce="n1")).status == 201


async def test_concurrent_requests_with_one_nonce_send_one_message(
    world: World, ada: Person, direct: Conversation
) -> None:
    answers = await asyncio.gather(
        *(send(ada, direct.id, "hi", nonce="n1", many=True) for _ in range(24))
    )

    assert sorted(answer.status for answer in answers) == [200] * 23 + [201]
    assert len({str(answer.body) for answer in answers}) == 1
    rows = await world.sql(
        """
        SELECT (SELECT count(*) FROM messages WHERE conversation_id = %s),
               (SELECT count(*) FROM events WHERE stream_id = %s),
               (SELECT head FROM streams WHERE id = %s)
        """,
        *[direct.id] * 3,
    )
    assert rows == [(1, 1, 1)]


async def test_concurrent_requests_with_one_nonce_and_two_bodies_send_one_message(
    world: World, ada: Person, grace: Person
) -> None:
    """In two conversations no common row makes the requests wait for each other."""
    conversations = [await ada.converse(grace), await ada.converse(grace, kind="group")]
    answers = await asyncio.gather(
        *(send(ada, conversations[turn % 2], "hi", nonce="n1", many=True) for turn in range(16))
    )

    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(200), statuses.count(409)) == (1, 7, 8)
    assert await world.sql(
        "SELECT count(*) FROM messages WHERE conversation_id = ANY(%s::uuid[])", conversations
    ) == [(1,)]
