"""R6: 200 sockets that live one to five seconds each, and 10,000 messages meanwhile: every client
ends with the history that HTTP shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from tests.conftest import Report, Size
from tests.person import Person
from tests.reader import Reader, open_readers, wait_for_events
from tests.system import LocalSystem

LIFE_SECONDS = [1.0, 5.0]
WRITERS = 10
HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 60.0
PAUSE_SECONDS = 0.05
"""A client that is a thousand messages behind gets a snapshot, which is another proof."""


async def test_every_client_ends_with_the_history(
    local: LocalSystem, size: Size, report: Report
) -> None:
    sockets, messages = size(8, 200), size(100, 10_000)
    people, conversation = await local.group(WRITERS)
    stream = f"conv:{conversation}"
    async with open_readers(local, people, number=sockets, heartbeat=HEARTBEAT_SECONDS) as clients:
        with local.faults(sockets={"lifetime": LIFE_SECONDS}):
            began = time.monotonic()
            await send_all(people, conversation, each=messages // WRITERS)
            while local.fault_counts().get("sockets_cut", 0) < 2 * sockets:
                await asyncio.sleep(0.1)
            took = time.monotonic() - began
            cut = local.fault_counts()["sockets_cut"]
        seconds = await wait_for_all(clients, stream, number=messages)
    history = [message["content"] for message in await people[0].history(conversation)]
    different = sum(client.contents(stream) != history for client in clients)
    gaps = sum(client.numbers(stream) != list(range(1, messages + 1)) for client in clients)
    report(
        "R6 socket churn",
        sockets=sockets,
        killed=cut,
        messages=len(history),
        sent_in=f"{took:.0f} s",
        equal_after=f"{seconds:.1f} s",
        snapshots=sum(len(client.snapshots) for client in clients),
        histories_that_differ=different,
        with_gaps=gaps,
    )
    assert len(history) == messages
    assert (different, gaps) == (0, 0), "not all have the whole history"


async def send_all(people: Sequence[Person], conversation: str, *, each: int) -> None:
    async def send(person: Person) -> None:
        for number in range(each):
            answer = await person.send_message(conversation, f"{number} of {person.username}")
            assert answer.status_code == 201, answer.text
            await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*map(send, people))


async def wait_for_all(clients: Sequence[Reader], stream: str, *, number: int) -> float:
    """Returns the seconds it took; where the time is over, the test shows what is missing."""
    began = time.monotonic()
    with suppress(TimeoutError):
        await wait_for_events(clients, stream, number=number, seconds=EQUAL_SECONDS)
    return time.monotonic() - began
