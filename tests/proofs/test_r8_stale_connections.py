"""R8: of 2,000 registered sockets 1,000 answer 410, 100 answer 429, 50 answer 500, and half the
`$disconnect` events are lost: the registry ends with the open sockets, each of which received
everything."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.system import LocalSystem

PEOPLE = 10
OPENED_AT_ONCE = 24
TIMEOUT_SECONDS = 60.0


async def test_the_registry_ends_with_the_open_sockets(
    local: LocalSystem, size: Size, report: Report
) -> None:
    number = size(80, 2000)
    people, conversation = await local.group(PEOPLE)
    opened = await open_sockets(people, conversation, number=number)
    random.Random(8).shuffle(opened)
    ours = ids(opened)
    gone, rest = opened[: number // 2], opened[number // 2 :]
    busy, failing = rest[: number // 20], rest[number // 20 : number * 3 // 40]
    assert registry(local, people) & ours == ours

    answers = dict.fromkeys(ids(gone), 410) | dict.fromkeys(ids(busy), 429)
    with local.faults(post_statuses=answers | dict.fromkeys(ids(failing), 500)):
        await send(people[0], conversation, "first")
        await wait_until(lambda: registry(local, people) & ours == ids(rest))
        await wait_until(lambda: retried(local, busy=len(busy), failing=len(failing)))
        counts = local.fault_counts()
        local.set_faults(post_statuses=dict.fromkeys(ids(gone), 410))
        await wait_until(lambda: all(received(socket, "first") for socket in rest))

    leaving, staying = rest[::2], rest[1::2]
    await close_all(gone)
    with local.faults(sockets={"lose_disconnects": 0.5}):
        await close_all(leaving)
        await wait_until(lambda: not ids([*gone, *leaving]) & local.connections())
        disconnects_lost = local.fault_counts()["disconnects_lost"]
    await send(people[0], conversation, "second")
    await wait_until(lambda: registry(local, people) & ours == ids(staying))
    await wait_until(lambda: all(received(socket, "second") for socket in staying))
    await close_all(staying)
    report(
        "R8 stale connections",
        registered=number,
        **counts,
        disconnects_lost=disconnects_lost,
        open=len(staying),
    )
    assert 0 < disconnects_lost < len(leaving)


async def open_sockets(people: Sequence[Person], conversation: str, *, number: int) -> list[Socket]:
    """Subscribed, since of more than a thousand only those get whole events."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(person: Person) -> Socket:
        async with gate:
            socket = await person.open_socket()
            await socket.call("subscribe", {"streams": [f"conv:{conversation}"]})
            return socket

    opening = (open_one(people[which % len(people)]) for which in range(number))
    return list(await asyncio.gather(*opening))


async def close_all(sockets: Iterable[Socket]) -> None:
    await asyncio.gather(*(socket.close() for socket in sockets))


async def send(person: Person, conversation: str, content: str) -> None:
    response = await person.send_message(conversation, content)
    assert response.status_code == 201, response.text


def ids(sockets: Iterable[Socket]) -> set[str]:
    return {socket.hello["data"]["connection_id"] for socket in sockets}


def received(socket: Socket, content: str) -> bool:
    created = (each["data"] for each in socket.events if each["event"] == "message.created")
    return any(data["message"]["content"] == content for data in created)


def retried(system: LocalSystem, *, busy: int, failing: int) -> bool:
    counts = system.fault_counts()
    return (
        counts.get("answered_429", 0) >= 2 * busy and counts.get("answered_500", 0) >= 2 * failing
    )


def registry(system: LocalSystem, people: Sequence[Person]) -> set[str]:
    """The sockets to which a message for these people would be pushed."""
    with system.valkey() as valkey:
        return {
            str(connection)
            for person in people
            for connection in valkey.hgetall(f"connections:{{{person.id}}}")
        }


async def wait_until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not reached():
            await asyncio.sleep(0.1)
