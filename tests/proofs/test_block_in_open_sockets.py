"""A block begins and ends in sockets that are open, within seconds, over the real queues."""

from __future__ import annotations

import time

import pytest

from tests.conftest import Report
from tests.person import Document, Person, Socket
from tests.system import LocalSystem

LIMIT_SECONDS = 8.0
"""The window of five, one that SQS rounds up, two for the way."""


@pytest.mark.usefixtures("only_in_full")
async def test_a_block_takes_effect_in_open_sockets_within_seconds(
    local: LocalSystem, report: Report
) -> None:
    blocker, blocked, witness = [await local.new_person() for _ in range(3)]
    conversation = await blocker.start_conversation(blocked, witness)
    stream = f"conv:{conversation}"
    own, other, third = [await subscribed(each, stream) for each in (blocker, blocked, witness)]
    await wait_for_presence(own, blocked, "online")
    began = time.monotonic()
    await blocker.request_json("PUT", f"/me/blocks/{blocked.id}")
    await wait_for_presence(own, blocked, "offline")
    await wait_for_presence(other, blocker, "offline")
    vanished = time.monotonic() - began
    before = len(own.events), len(third.events)
    await type_until_shown(other, stream, to=third, who=blocked, after=before[1])
    began = time.monotonic()
    await blocker.request_json("DELETE", f"/me/blocks/{blocked.id}")
    await wait_for_presence(own, blocked, "online")
    await wait_for_presence(other, blocker, "online")
    appeared = time.monotonic() - began
    of_blocked = (event for event in own.events[before[0] :] if blocked.id in str(event))
    first = next(event for event in of_blocked if event["stream"] == stream)
    assert first["event"] == "presence.changed", "typing stayed hidden"
    await type_until_shown(other, stream, to=own, who=blocked, after=len(own.events))
    for socket in (own, other, third):
        await socket.close()
    report("A block in open sockets", vanished=f"{vanished:.1f} s", appeared=f"{appeared:.1f} s")
    assert max(vanished, appeared) < LIMIT_SECONDS


async def subscribed(person: Person, stream: str) -> Socket:
    socket = await person.open_socket()
    assert (await socket.call("subscribe", {"streams": [stream]}))["ok"]
    return socket


async def wait_for_presence(socket: Socket, person: Person, status: str) -> None:
    """Until it is the last that the socket has heard of the person."""
    await socket.wait_until(lambda: presence(socket, person)[-1:] == [status])


def presence(socket: Socket, person: Person) -> list[str]:
    changes = [event["data"] for event in socket.events if event["event"] == "presence.changed"]
    return [
        each["status"]
        for change in changes
        for each in change["people"]
        if each["user_id"] == person.id
    ]


async def type_until_shown(
    socket: Socket, stream: str, *, to: Socket, who: Person, after: int
) -> None:
    assert (await socket.call("typing", {"stream": stream, "typing": True}))["ok"]
    await to.wait_until(lambda: any(is_typing(event, who) for event in to.events[after:]))


def is_typing(event: Document, person: Person) -> bool:
    return event["event"] == "typing.started" and person.id in event["data"]["user_ids"]
