"""A phone stays quiet while its user looks at what the message is about."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.notified import deliver, deliveries, notify, queue, sent_to
from tests.feature.push_receiver import PushReceiver
from tests.feature.world import Person, Socket, World


def _subscription() -> dict[str, object]:
    """Of a push service that nothing is sent to here."""
    endpoint = f"https://push.example.org/send/{uuid4().hex}"
    return {**PushReceiver(443).subscription(), "endpoint": endpoint}


async def _reader(world: World) -> tuple[Person, Socket]:
    """With a browser that gets push messages, and an open socket."""
    person = await world.new_person("reader")
    answer = await person.call("add_device", _subscription())
    assert answer.status == 201, answer
    socket = await person.open_socket()
    await socket.say("hello")
    return person, socket


async def _subscribe(socket: Socket, conversation: str) -> None:
    answer = await socket.say("subscribe", {"streams": [f"conv:{conversation}"]})
    assert answer["ok"], answer


async def test_who_looks_at_the_conversation_gets_no_push_until_they_leave(
    world: World, ada: Person
) -> None:
    pushes = queue(world, "web-pushes")
    person, socket = await _reader(world)
    conversation = await ada.converse(person)
    message = await ada.send(conversation, "Tea?")
    await _subscribe(socket, conversation)
    await notify(person, actor=ada, message=message)
    await deliver(world)
    assert await sent_to(person, pushes) == []
    assert await deliveries(person) == [("push", False, None)]
    await socket.disconnect()
    await world.sql("UPDATE deliveries SET due_at = now() WHERE user_id = %s", person.id)
    await deliver(world)
    assert len(await sent_to(person, pushes)) == 1


@pytest.mark.parametrize("case", ["away", "elsewhere", "not subscribed"])
async def test_who_does_not_look_gets_one(world: World, ada: Person, case: str) -> None:
    pushes = queue(world, "web-pushes")
    person, socket = await _reader(world)
    message = await ada.send(await ada.converse(person), "Tea?")
    if case != "not subscribed":
        other = await ada.converse(person, kind="group")
        await _subscribe(socket, other if case == "elsewhere" else message["conversation_id"])
    if case == "away":
        assert (await socket.say("presence", {"status": "away"}))["ok"]
    await notify(person, actor=ada, message=message)
    await deliver(world)
    assert len(await sent_to(person, pushes)) == 1


async def test_everybody_gets_one_while_valkey_is_away(world: World, ada: Person) -> None:
    pushes = queue(world, "web-pushes")
    person, socket = await _reader(world)
    message = await ada.send(await ada.converse(person), "Tea?")
    await _subscribe(socket, message["conversation_id"])
    await notify(person, actor=ada, message=message)
    async with world.away("valkey"):
        await deliver(world)
    assert len(await sent_to(person, pushes)) == 1
