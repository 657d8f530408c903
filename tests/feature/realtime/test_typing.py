from __future__ import annotations

import pytest

from tests.feature.realtime.subscribers import (
    channel_key,
    emergency,
    end_window,
    is_flush_scheduled,
    received_events,
    reset_window,
    run_flush_job,
    subscribed_socket,
    type_in,
)
from tests.feature.world import Person, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


async def test_typing_reaches_the_other_subscribers_at_once(
    ada: Person, grace: Person, conversation: str
) -> None:
    group = await grace.converse(ada, kind="group")
    own, further, other = [
        await subscribed_socket(person, conversation) for person in (ada, ada, grace)
    ]
    elsewhere = await subscribed_socket(grace, group)
    reply = await type_in(own, conversation)

    assert reply == {"type": "ack", "id": "1", "ok": True, "data": {}}
    (frame,) = other.received()
    started, present = frame["events"]
    assert started == {
        "type": "event", "stream": f"conv:{conversation}", "event": "typing.started",
        "ttl_ms": 7000, "data": {"user_ids": [ada.id], "count": 1},
    }  # fmt: skip
    assert present["event"] == "presence.changed", "which waited"
    assert [event for event, _ in received_events(own) + received_events(further)] == [
        "presence.changed"
    ] * 2
    assert elsewhere.received() == []


async def test_typing_within_the_window_is_coalesced(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace, eve, kind="group")
    sockets = [await subscribed_socket(person, conversation) for person in (ada, grace, eve)]
    await reset_window(world, conversation, *sockets)
    for socket in sockets:
        await type_in(socket, conversation)
    await type_in(sockets[2], conversation, typing=False)
    first, second, third = [received_events(socket) for socket in sockets]
    assert (first, len(second), len(third)) == ([], 1, 1)
    assert is_flush_scheduled(world, conversation)
    await run_flush_job(world, conversation)
    assert received_events(sockets[0]) == [], "the window lasts"
    await end_window(world, conversation)

    assert [received_events(socket) for socket in sockets] == [
        [("typing.started", {"user_ids": [grace.id], "count": 1})],
        [],
        [("typing.started", {"user_ids": [grace.id], "count": 1})],
    ], "nobody was shown that the third typed"
    await end_window(world, conversation)
    assert [received_events(socket) for socket in sockets] == [[], [], []]


async def test_typing_needs_a_subscription(ada: Person, grace: Person, conversation: str) -> None:
    await subscribed_socket(grace, conversation)
    socket = await ada.open_socket()
    for stream in (f"conv:{conversation}", f"user:{ada.id}"):
        reply = await socket.say("typing", {"stream": stream, "typing": True})
        assert (reply["error"]["status"], reply["error"]["code"]) == (403, "not_subscribed")
    await socket.say("subscribe", {"streams": [f"conv:{conversation}"]})
    assert (await type_in(socket, conversation))["ok"]
    await socket.say("unsubscribe", {"streams": [f"conv:{conversation}"]})
    assert (await type_in(socket, conversation))["error"]["code"] == "not_subscribed"


async def test_typing_without_other_subscribers_is_not_published(
    world: World, ada: Person, conversation: str
) -> None:
    await type_in(await subscribed_socket(ada, conversation), conversation)

    assert not is_flush_scheduled(world, conversation)
    assert world.valkey.keys(channel_key("buffered", conversation)) == []


async def test_in_an_emergency_typing_is_not_published(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    own, other = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    async with emergency(world):
        assert (await type_in(own, conversation))["ok"]
        assert other.received() == []


async def test_an_invalid_typing_frame_is_refused(ada: Person, conversation: str) -> None:
    socket = await subscribed_socket(ada, conversation)
    stream = f"conv:{conversation}"
    for data in ({}, {"stream": stream}, {"stream": "x", "typing": True}, {"typing": True}):
        reply = await socket.say("typing", data)
        assert reply["error"]["code"] == "validation_failed"
