"""Typing ends with the message, with a stop and with the socket; what is held back ends with it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.feature.realtime.subscribers import (
    end_window,
    is_flush_scheduled,
    received_events,
    reset_window,
    subscribed_socket,
    type_in,
)
from tests.feature.world import Person, Socket, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


async def send_by_http(author: Person, socket: Socket, conversation: str) -> None:
    await author.send(conversation, "hi")


async def send_by_socket(author: Person, socket: Socket, conversation: str) -> None:
    reply = await socket.say("send", {"conversation_id": conversation, "content": "hi"})
    assert reply["ok"]


SENDS = [send_by_http, send_by_socket]
Send = Callable[[Person, Socket, str], Awaitable[None]]


def about_typing(socket: Socket) -> list[tuple[str, Any]]:
    return [event for event in received_events(socket) if event[0].startswith("typing.")]


def stopped(person: Person) -> tuple[str, Any]:
    return "typing.stopped", {"user_ids": [person.id], "count": 1}


def started(person: Person) -> tuple[str, Any]:
    return "typing.started", {"user_ids": [person.id], "count": 1}


async def close_window(world: World, conversation: str, own: Socket, other: Socket) -> None:
    """Something was published just now, so that the next update is held back."""
    await reset_window(world, conversation, own, other)
    await type_in(other, conversation)
    await type_in(other, conversation, typing=False)
    await end_window(world, conversation)
    own.received(), other.received()


@pytest.mark.parametrize("send", SENDS)
async def test_held_back_typing_is_not_published_after_the_message(
    world: World, ada: Person, grace: Person, conversation: str, send: Send
) -> None:
    own, other = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    await close_window(world, conversation, own, other)
    await type_in(own, conversation)
    await send(ada, own, conversation)
    assert is_flush_scheduled(world, conversation)
    await end_window(world, conversation)

    assert [event for event, _ in received_events(other)] == ["message.created"]


async def test_a_message_ends_only_its_authors_typing_in_its_conversation(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    group = await ada.converse(grace, kind="group")
    own = await subscribed_socket(ada, conversation, group)
    other = await subscribed_socket(grace, conversation, group)
    for each in (conversation, group):
        await close_window(world, each, own, other)
        await type_in(own, each)
    await type_in(other, conversation)
    await ada.send(conversation, "hi")
    for each in (conversation, group):
        await end_window(world, each)

    assert about_typing(own) == [started(grace)]
    assert about_typing(other) == [started(ada)], "in the group"


@pytest.mark.parametrize("send", SENDS)
async def test_a_typing_frame_that_the_message_overtook_changes_nothing(
    world: World, ada: Person, grace: Person, conversation: str, send: Send
) -> None:
    own, other = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    await reset_window(world, conversation, own, other)
    before = time.time_ns() // 1_000_000 - 1
    await send(ada, own, conversation)
    frame = {"stream": f"conv:{conversation}", "typing": True}
    assert (await own.say("typing", frame, received_ms=before))["ok"]
    assert about_typing(other) == []
    await type_in(own, conversation)

    assert about_typing(other) == [started(ada)], "the next message is being typed"


async def test_a_stop_is_published_only_where_typing_was(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    own, other = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    await reset_window(world, conversation, own, other)
    await type_in(own, conversation)
    await type_in(own, conversation, typing=False)
    await end_window(world, conversation)
    assert about_typing(other) == [started(ada), stopped(ada)]
    await end_window(world, conversation)
    await type_in(own, conversation, typing=False)
    await ada.send(conversation, "hi")
    await type_in(own, conversation, typing=False)
    await end_window(world, conversation)

    assert about_typing(other) == []


async def leave(person: Person, sockets: list[Socket], conversation: str) -> None:
    await person.call("remove_member", id=conversation, user_id=person.id)


async def disconnect(person: Person, sockets: list[Socket], conversation: str) -> None:
    for socket in sockets:
        await socket.disconnect()


async def unsubscribe(person: Person, sockets: list[Socket], conversation: str) -> None:
    for socket in sockets:
        await socket.say("unsubscribe", {"streams": [f"conv:{conversation}"]})


async def log_out(person: Person, sockets: list[Socket], conversation: str) -> None:
    await person.call("log_out")


@pytest.mark.parametrize("held_back", [True, False], ids=["held back", "published"])
@pytest.mark.parametrize("end", [leave, disconnect, unsubscribe, log_out])
async def test_typing_ends_with_the_last_subscription(
    world: World, ada: Person, grace: Person, end: Any, held_back: bool
) -> None:
    conversation = await ada.converse(grace, kind="group")
    other = await subscribed_socket(ada, conversation)
    sockets = [await subscribed_socket(grace, conversation) for _ in range(2)]
    await reset_window(world, conversation, other)
    if held_back:
        await close_window(world, conversation, sockets[0], other)
    await type_in(sockets[0], conversation)
    assert about_typing(other) == ([] if held_back else [started(grace)])
    await end(grace, sockets, conversation)
    await end_window(world, conversation)

    assert about_typing(other) == ([] if held_back else [stopped(grace)])


async def test_typing_ends_with_the_socket_that_it_came_from(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    other = await subscribed_socket(ada, conversation)
    silent, typing = [await subscribed_socket(grace, conversation) for _ in range(2)]
    await reset_window(world, conversation, other)
    await type_in(typing, conversation)
    await silent.disconnect()
    await end_window(world, conversation)
    assert about_typing(other) == [started(grace)], "another socket has closed"
    again = await subscribed_socket(grace, conversation)
    await typing.disconnect()
    await end_window(world, conversation)

    assert about_typing(other) == [stopped(grace)]
    assert again.received() == []
