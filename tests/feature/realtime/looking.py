"""Sockets that look at conversations, and windows that pass without waiting."""

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


async def look(person: Person, *conversations: str) -> Socket:
    """Has said hello and subscribed, and forgets what it was told so far."""
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


async def pass_window(world: World, conversation: str, lane: str = "presence") -> None:
    """As if it were over: the due job comes."""
    world.valkey.delete(lane_key("told", conversation, lane))
    await come_due(world, conversation, lane)


async def start_anew(world: World, conversation: str, *sockets: Socket) -> None:
    """What was held has been told, and the window is over."""
    await pass_window(world, conversation)
    world.valkey.delete(lane_key("told", conversation))
    for socket in sockets:
        socket.received()


async def come_due(world: World, conversation: str, lane: str = "presence") -> None:
    due = {"flush": {"channel": lane, "stream": f"conv:{conversation}"}}
    assert await world.work_off("workers.maintain_sockets", due) == {"batchItemFailures": []}


def is_due(world: World, conversation: str, lane: str = "presence") -> bool:
    """A job is on its way."""
    return world.valkey.exists(lane_key("scheduled", conversation, lane)) == 1


def lane_key(what: str, conversation: str, lane: str = "presence") -> str:
    return f"{what}:{{{short(UUID(conversation))}}}:{lane}"


def focus_of(conversation: str) -> str:
    """The key."""
    return subscribers_key(Stream(StreamKind.CONVERSATION, UUID(conversation)))


def told(socket: Socket) -> list[tuple[str, Any]]:
    """(event, data) of what came since the last look, batches opened."""
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    return [(event["event"], event["data"]) for event in events]
