from __future__ import annotations

import pytest

from tests.feature.realtime.looking import (
    come_due,
    emergency,
    is_due,
    lane_key,
    look,
    pass_window,
    start_anew,
    told,
    type_in,
)
from tests.feature.world import Person, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


async def test_told_at_once_to_the_others_who_look(
    ada: Person, grace: Person, conversation: str
) -> None:
    group = await grace.converse(ada, kind="group")
    own, further, other = [await look(person, conversation) for person in (ada, ada, grace)]
    elsewhere = await look(grace, group)
    reply = await type_in(own, conversation)

    assert reply == {"type": "ack", "id": "1", "ok": True, "data": {}}
    (frame,) = other.received()
    started, present = frame["events"]
    assert started == {
        "type": "event", "stream": f"conv:{conversation}", "event": "typing.started",
        "ttl_ms": 7000, "data": {"user_ids": [ada.id], "count": 1},
    }  # fmt: skip
    assert present["event"] == "presence.changed", "which waited"
    assert [event for event, _ in told(own) + told(further)] == ["presence.changed"] * 2
    assert elsewhere.received() == []


async def test_what_follows_in_the_window_comes_together(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace, eve, kind="group")
    sockets = [await look(person, conversation) for person in (ada, grace, eve)]
    await start_anew(world, conversation, *sockets)
    for socket in sockets:
        await type_in(socket, conversation)
    await type_in(sockets[2], conversation, typing=False)
    first, second, third = [told(socket) for socket in sockets]
    assert (first, len(second), len(third)) == ([], 1, 1)
    assert is_due(world, conversation)
    await come_due(world, conversation)
    assert told(sockets[0]) == [], "the window lasts"
    await pass_window(world, conversation)

    assert [told(socket) for socket in sockets] == [
        [
            ("typing.started", {"user_ids": [grace.id], "count": 1}),
            ("typing.stopped", {"user_ids": [eve.id], "count": 1}),
        ],
        [("typing.stopped", {"user_ids": [eve.id], "count": 1})],
        [("typing.started", {"user_ids": [grace.id], "count": 1})],
    ]
    await pass_window(world, conversation)
    assert [told(socket) for socket in sockets] == [[], [], []]


async def test_only_from_a_socket_that_looks(ada: Person, grace: Person, conversation: str) -> None:
    await look(grace, conversation)
    socket = await ada.open_socket()
    for stream in (f"conv:{conversation}", f"user:{ada.id}"):
        reply = await socket.say("typing", {"stream": stream, "typing": True})
        assert (reply["error"]["status"], reply["error"]["code"]) == (403, "not_subscribed")
    await socket.say("subscribe", {"streams": [f"conv:{conversation}"]})
    assert (await type_in(socket, conversation))["ok"]
    await socket.say("unsubscribe", {"streams": [f"conv:{conversation}"]})
    assert (await type_in(socket, conversation))["error"]["code"] == "not_subscribed"


async def test_alone_it_is_told_to_nobody(world: World, ada: Person, conversation: str) -> None:
    await type_in(await look(ada, conversation), conversation)

    assert not is_due(world, conversation)
    assert world.valkey.keys(lane_key("held", conversation)) == []


async def test_in_an_emergency_it_is_not_told(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    own, other = await look(ada, conversation), await look(grace, conversation)
    async with emergency(world):
        assert (await type_in(own, conversation))["ok"]
        assert other.received() == []


async def test_what_is_not_valid(ada: Person, conversation: str) -> None:
    socket = await look(ada, conversation)
    stream = f"conv:{conversation}"
    for data in ({}, {"stream": stream}, {"stream": "x", "typing": True}, {"typing": True}):
        reply = await socket.say("typing", data)
        assert reply["error"]["code"] == "validation_failed"
