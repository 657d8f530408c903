"""S12: 1,000 frames a second, of every action, from one user do not slow the others."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import Report, Size
from tests.person import Document, NoReply, Person, RequestRefused
from tests.proofs.malformed_frames import ACTIONS
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""The other proofs S12 in `make test` are about tickets, frames and streams."""

FLOOD = 1000
FEW = ("ping", "subscribe", "typing")
"""Those of the fast variant: each needs an environment, which starts while others send."""

SEND_EVERY = 0.1


async def test_a_flood_does_not_slow_the_others(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    """Rate limits hold the flood off. The fast variant runs beside other tests; only the full one,
    which has the machine to itself, compares the times."""
    seconds = size(1, 60)
    people, conversation = await rate_limited.group(5)
    first, flooder = [await rate_limited.new_person(name) for name in ("first", "flooder")]
    actions = FEW if size(1, 0) else ACTIONS
    functions = [action.capitalize() for action in actions]
    await flood(first, await frames_of(first, actions), seconds=size(0, 3))  # environments start
    frames = await frames_of(flooder, actions)
    errors = rate_limited.errors(*functions)
    await send_steadily(people, conversation, seconds=1)
    calm = await send_steadily(people, conversation, seconds=seconds)
    flooding = asyncio.create_task(flood(flooder, frames, seconds=seconds))
    flooded = await send_steadily(people, conversation, seconds=seconds)
    counts = await flooding
    report(
        "S12 flood",
        **counts,
        sends_of_others=len(flooded),
        p99_calm=f"{p99(calm):.1f} ms",
        p99_flooded=f"{p99(flooded):.1f} ms",
    )
    assert counts["rate_limited"] > 0
    assert rate_limited.errors(*functions) == errors
    if percent := size(0, 20):
        assert p99(flooded) <= (1 + percent / 100) * p99(calm)


async def frames_of(person: Person, actions: Sequence[str]) -> list[str]:
    """A valid frame of each action, in a conversation of their own. Each is sent once, so that its
    environment has started before the measurement."""
    conversation = await person.start_conversation()
    message = str((await person.send_message(conversation, "mine")).json()["id"])
    stream = f"conv:{conversation}"
    data: dict[str, Document] = {
        "send": {"conversation_id": conversation, "content": "again"},
        "edit": {"message_id": message, "content": "rather", "version": 1},
        "react": {"message_id": message, "emoji": "👍", "added": True},
        "delete": {"message_id": message},
        "read": {"stream": stream, "seq": 1},
        "typing": {"stream": stream, "typing": True},
        "presence": {"status": "away"},
        "sync": {"cursors": {stream: 0}},
        **{action: {"streams": [stream]} for action in ("subscribe", "unsubscribe", "ping")},
    }
    socket = await person.open_socket()
    for action in actions:
        await socket.call(action, data.get(action, {}))
    await socket.close()
    return [
        json.dumps({"action": action, "id": "flood", "data": data.get(action, {})})
        for action in actions
    ]


async def flood(person: Person, frames: Sequence[str], *, seconds: float) -> Counter[str]:
    """A thousand frames a second, or as many as a socket takes; over a new one after a close."""
    clock = asyncio.get_running_loop().time
    began, counts, endless = clock(), Counter[str](), cycle(frames)
    while clock() - began < seconds:
        try:
            socket = await person.open_socket()
        except (RequestRefused, NoReply, InvalidStatus):
            counts["sockets_refused"] += 1
            await asyncio.sleep(0.1)
            continue
        counts["sockets"] += 1
        if counts["sockets"] == 1:
            began = clock()  # it may take long to open where the machine is busy
        with suppress(ConnectionClosed):
            while (passed := clock() - began) < seconds:
                while counts["frames"] < passed * FLOOD:
                    await socket.connection.send(next(endless))
                    counts["frames"] += 1
                await asyncio.sleep(0.005)
        await socket.close()
        counts.update(refusal["error"]["code"] for refusal in socket.refusals)
    return counts


async def send_steadily(people: list[Person], conversation: str, *, seconds: float) -> list[float]:
    """Each as often as the rate limit allows. Returns the milliseconds that each send took."""
    clock = asyncio.get_running_loop().time
    ends, took = clock() + seconds, []

    async def send(person: Person) -> None:
        while (began := clock()) < ends:
            assert (await person.send_message(conversation, "calm")).status_code == 201
            took.append((clock() - began) * 1000)
            await asyncio.sleep(SEND_EVERY)

    await asyncio.gather(*map(send, people))
    return took


def p99(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[len(milliseconds) * 99 // 100]
