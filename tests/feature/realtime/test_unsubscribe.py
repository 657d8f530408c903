from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.realtime.subscribers import (
    subscribed_socket,
    subscribers_key_of,
    type_in,
)
from tests.feature.world import Person, World


async def test_an_unsubscribed_socket_gets_messages_and_no_typing(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await subscribed_socket(ada, conversation)
    other = await subscribed_socket(grace, conversation)
    socket.received()
    answer = await socket.say("unsubscribe", {"streams": [f"conv:{conversation}"]}, id="u1")
    assert answer == {"type": "ack", "id": "u1", "ok": True, "data": {}}
    assert world.valkey.hkeys(subscribers_key_of(conversation)) == [other.id]

    await type_in(other, conversation)
    await grace.send(conversation, "hi")
    assert [event["event"] for event in socket.received()] == ["message.created"]
    assert (await type_in(socket, conversation))["error"]["code"] == "not_subscribed"


async def test_a_stream_without_a_subscription_is_ignored(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    socket = await subscribed_socket(ada, conversation)

    for _ in range(2):
        assert (await socket.say("unsubscribe", {"streams": [f"conv:{uuid4()}"]}))["ok"]
    assert (await type_in(socket, conversation))["ok"]


@pytest.mark.parametrize("streams", [[], ["conv:x"], [f"conv:{uuid4()}" for _ in range(51)]])
async def test_invalid_streams_are_refused(ada: Person, streams: object) -> None:
    socket = await ada.open_socket()
    refused = await socket.say("unsubscribe", {"streams": streams})
    assert refused["error"]["code"] == "validation_failed"
