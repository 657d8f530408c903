"""A thousand people in one conversation come, type and say how they are: no statement in Postgres,
and at most one push to each of them in 5 s."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tests.conftest import Report, Size
from tests.load.crowd import gather
from tests.person import Document, Person, Socket
from tests.system import LocalSystem

WINDOW_SECONDS = 4.9
"""Five, of which a job that comes a tenth early is not sent again."""

Some = TypeVar("Some")
Answer = TypeVar("Answer")
AT_ONCE = 24
PATIENCE_SECONDS = 60.0


async def test_a_crowd_costs_no_statement_and_one_push_each_in_five_seconds(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """Nobody pings meanwhile: that asks Postgres for heads."""
    crowd = gather(local, size(60, 1000))
    conversation = await crowd[0].start(*crowd[1:])
    stream = f"conv:{conversation}"
    sockets = await in_turns(crowd, Person.open_socket)
    began = time.monotonic()
    acks = await in_turns(sockets, lambda socket: say(socket, "subscribe", streams=[stream]))
    statements, said = local.count_statements(), time.monotonic()
    await in_turns(sockets, lambda socket: say(socket, "typing", stream=stream, typing=True))
    await in_turns(sockets, lambda socket: say(socket, "presence", status="busy"))
    said = time.monotonic() - said
    await in_turns(sockets, until_told, at_once=len(sockets))
    statements = local.count_statements() - statements
    seconds = time.monotonic() - began
    pushes = [sum(map(is_passing, socket.texts)) for socket in sockets]
    await in_turns(sockets, Socket.close)
    allowed = int(seconds / WINDOW_SECONDS) + 1
    report(
        "Presence and typing of a crowd",
        people=len(crowd),
        present=max(ack["data"]["streams"][stream]["present_count"] for ack in acks) + 1,
        frames=2 * len(crowd),
        said_in=f"{said:.1f} s",
        statements=statements,
        pushes_a_listener=f"{min(pushes)} to {max(pushes)} in {seconds:.1f} s",
        allowed=allowed,
    )
    assert statements == 0
    assert 1 <= min(pushes) <= max(pushes) <= allowed


async def in_turns(
    those: Sequence[Some], do: Callable[[Some], Awaitable[Answer]], *, at_once: int = AT_ONCE
) -> list[Answer]:
    gate = asyncio.Semaphore(at_once)

    async def one(each: Some) -> Answer:
        async with gate:
            return await do(each)

    return list(await asyncio.gather(*map(one, those)))


async def say(socket: Socket, action: str, **data: Any) -> Document:
    answer = await socket.ask(action, data, patience=PATIENCE_SECONDS)
    assert answer["ok"], answer
    return answer


async def until_told(socket: Socket) -> None:
    """That others type and that others are busy."""

    def is_told() -> bool:
        names = {event["event"] for event in socket.events}
        return {"typing.started", "presence.changed"} <= names

    await socket.until(is_told, patience=PATIENCE_SECONDS)


def is_passing(text: str) -> bool:
    """Of events without a number, one push may have several."""
    frame = json.loads(text)
    events = frame.get("events", [frame])
    return any("ttl_ms" in event for event in events)
