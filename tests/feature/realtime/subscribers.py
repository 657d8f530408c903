"""Subscribed sockets, and coalescing windows that end without waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from cgraph.core.ids import short
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime.subscription_store import subscribers_key
from tests.feature.world import Person, Socket, World


@asynccontextmanager
async def emergency(world: World) -> AsyncIterator[None]:
    world.valkey.set("mode", "emergency")
    await world.run(_forget_mode)
    try:
        yield
    finally:
        world.valkey.delete("mode")
        await world.run(_forget_mode)


def _forget_mode() -> None:
    from cgraph.core import limits

    limits._mode_read_at = -limits.MODE_SECONDS


async def subscribed_socket(person: Person, *conversations: str) -> Socket:
    """Has said hello and subscribed; frames received so far are dropped."""
    socket = await person.open_socket()
    await socket.say("hello")
    answer = await subscribe(socket, *conversations)
    assert all("gone" not in found for found in answer.values()), answer
    socket.received()
    return socket


async def subscribe(socket: Socket, *conversations: str) -> Any:
    """By conversation."""
    streams = [f"conv:{conversation}" for conversation in conversations]
    reply = await socket.say("subscribe", {"streams": streams})
    assert reply["ok"], reply
    found = reply["data"]["streams"]
    return {conversation: found[f"conv:{conversation}"] for conversation in conversations}


async def type_in(socket: Socket, conversation: str, typing: bool = True) -> Any:
    return await socket.say("typing", {"stream": f"conv:{conversation}", "typing": typing})


async def end_window(world: World, conversation: str, channel: str = "presence") -> None:
    """As if it were over: the flush job runs."""
    world.valkey.delete(channel_key("published", conversation, channel))
    await run_flush_job(world, conversation, channel)


async def reset_window(world: World, conversation: str, *sockets: Socket) -> None:
    """Everything buffered is published, and the window is over."""
    await end_window(world, conversation)
    world.valkey.delete(channel_key("published", conversation))
    for socket in sockets:
        socket.received()


async def run_flush_job(world: World, conversation: str, channel: str = "presence") -> None:
    job = {"flush": {"channel": channel, "stream": f"conv:{conversation}"}}
    assert await world.work_off("workers.maintain_sockets", job) == {"batchItemFailures": []}


def is_flush_scheduled(world: World, conversation: str, channel: str = "presence") -> bool:
    return world.valkey.exists(channel_key("scheduled", conversation, channel)) == 1


def channel_key(what: str, conversation: str, channel: str = "presence") -> str:
    return f"{what}:{{{short(UUID(conversation))}}}:{channel}"


def subscribers_key_of(conversation: str) -> str:
    return subscribers_key(Stream(StreamKind.CONVERSATION, UUID(conversation)))


def received_events(socket: Socket) -> list[tuple[str, Any]]:
    """(event, data) of the frames since the last call, batches opened."""
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    return [(event["event"], event["data"]) for event in events]
