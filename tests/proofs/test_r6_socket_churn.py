"""R6: 200 sockets that live one to five seconds each, and 10,000 messages meanwhile; everybody ends
with the history that HTTP shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from itertools import cycle, islice

from cgraph_client import Client
from tests.conftest import Report, Size
from tests.person import Person
from tests.reader import Reader, listening, new_client
from tests.system import LocalSystem

LIVE = [1.0, 5.0]
WRITERS = 10
HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 60.0
OPENED_AT_ONCE = 20
PAUSE_SECONDS = 0.05
"""Whoever falls a thousand messages behind gets a snapshot, which is another proof."""


async def test_all_histories_are_that_of_http(
    local: LocalSystem, size: Size, report: Report
) -> None:
    sockets, messages = size(16, 200), size(200, 10_000)
    people, conversation = await local.group(WRITERS)
    stream = f"conv:{conversation}"
    async with AsyncExitStack() as open_now:
        clients = await open_clients(open_now, local, people, number=sockets)
        with local.faults(sockets={"lifetime": LIVE}):
            began = time.monotonic()
            await say_all(people, conversation, each=messages // WRITERS)
            while local.fault_counts().get("sockets_cut", 0) < 2 * sockets:
                await asyncio.sleep(0.1)
            took = time.monotonic() - began
            cut = local.fault_counts()["sockets_cut"]
        seconds = await until_all_have(clients, stream, number=messages)
    history = [message["content"] for message in await people[0].history(conversation)]
    unlike = sum(client.said(stream) != history for client in clients)
    gaps = sum(client.numbers(stream) != list(range(1, messages + 1)) for client in clients)
    report(
        "R6 socket churn",
        sockets=sockets,
        killed=cut,
        messages=len(history),
        said_in=f"{took:.0f} s",
        equal_after=f"{seconds:.1f} s",
        snapshots=sum(len(client.snapshots) for client in clients),
        histories_that_differ=unlike,
        with_gaps=gaps,
    )
    assert len(history) == messages
    assert (unlike, gaps) == (0, 0), "not all have the whole history"


async def open_clients(
    open_now: AsyncExitStack, system: LocalSystem, people: Sequence[Person], *, number: int
) -> list[Reader]:
    """Several of each person."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(client: Client) -> Reader:
        async with gate:
            subscription = listening(client, heartbeat=HEARTBEAT_SECONDS)
            return await open_now.enter_async_context(subscription)

    entering = (open_now.enter_async_context(new_client(system, each)) for each in people)
    chosen = islice(cycle([await each for each in entering]), number)
    return list(await asyncio.gather(*map(open_one, chosen)))


async def say_all(people: Sequence[Person], conversation: str, *, each: int) -> None:
    async def say(person: Person) -> None:
        for number in range(each):
            answer = await person.send(conversation, f"{number} of {person.username}")
            assert answer.status_code == 201, answer.text
            await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*map(say, people))


async def until_all_have(clients: Sequence[Reader], stream: str, *, number: int) -> float:
    """The seconds it took; what is missing when the time is over, the test shows."""
    began = time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while min(len(client.numbers(stream)) for client in clients) < number:
                await asyncio.sleep(0.05)
    return time.monotonic() - began
