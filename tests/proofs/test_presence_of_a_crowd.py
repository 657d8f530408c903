"""A thousand people in one conversation subscribe, type and change their presence: no statement in
Postgres, and at most one push to each of them in 5 s."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tests.conftest import Report, Size
from tests.load.crowd import create_users
from tests.person import Document, Person, Socket
from tests.system import LocalSystem

WINDOW_SECONDS = 4.9
"""Of five; a job that comes a tenth of a second early is not delayed again."""

Item = TypeVar("Item")
Result = TypeVar("Result")
AT_ONCE = 24
TIMEOUT_SECONDS = 60.0


async def test_presence_and_typing_cost_no_statement_and_one_push_each_in_five_seconds(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """Nobody sends a ping meanwhile, since it reads heads from Postgres."""
    crowd = create_users(local, size(30, 1000))
    conversation = await crowd[0].start_conversation(*crowd[1:])
    stream = f"conv:{conversation}"
    sockets = await gather_bounded(crowd, Person.open_socket)
    began = time.monotonic()
    acks = await gather_bounded(
        sockets, lambda socket: send_frame(socket, "subscribe", streams=[stream])
    )
    statements, first_frame = local.count_statements(), time.monotonic()
    await gather_bounded(
        sockets, lambda socket: send_frame(socket, "typing", stream=stream, typing=True)
    )
    await gather_bounded(sockets, lambda socket: send_frame(socket, "presence", status="busy"))
    frames_took = time.monotonic() - first_frame
    await gather_bounded(sockets, wait_for_others, at_once=len(sockets))
    statements = local.count_statements() - statements
    seconds = time.monotonic() - began
    pushes = [sum(map(is_ephemeral, socket.frames)) for socket in sockets]
    await gather_bounded(sockets, Socket.close)
    allowed = int(seconds / WINDOW_SECONDS) + 1
    report(
        "Presence and typing of a crowd",
        people=len(crowd),
        present=max(ack["data"]["streams"][stream]["present_count"] for ack in acks) + 1,
        frames=2 * len(crowd),
        sent_in=f"{frames_took:.1f} s",
        statements=statements,
        pushes_a_listener=f"{min(pushes)} to {max(pushes)} in {seconds:.1f} s",
        allowed=allowed,
    )
    assert statements == 0
    assert 1 <= min(pushes) <= max(pushes) <= allowed


async def gather_bounded(
    items: Sequence[Item], work: Callable[[Item], Awaitable[Result]], *, at_once: int = AT_ONCE
) -> list[Result]:
    gate = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Result:
        async with gate:
            return await work(item)

    return list(await asyncio.gather(*map(one, items)))


async def send_frame(socket: Socket, action: str, **data: Any) -> Document:
    answer = await socket.call(action, data, seconds=TIMEOUT_SECONDS)
    assert answer["ok"], answer
    return answer


async def wait_for_others(socket: Socket) -> None:
    """Until it has received that others type and that others are busy."""

    def has_both() -> bool:
        names = {event["event"] for event in socket.events}
        return {"typing.started", "presence.changed"} <= names

    await socket.wait_until(has_both, seconds=TIMEOUT_SECONDS)


def is_ephemeral(text: str) -> bool:
    """Whether a push has such events, of which one push may have several."""
    frame = json.loads(text)
    events = frame.get("events", [frame])
    return any("ttl_ms" in event for event in events)
