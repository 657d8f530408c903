"""The main job: people talk while what carries them is killed, and end with equal histories."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from cgraph_client import Outbox
from tests.conftest import Report, Size
from tests.e2e.follower import Follower
from tests.person import Person
from tests.proofs.ledger import Ledger
from tests.reader import QUICK, Reader, reading
from tests.system import LocalSystem

HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 30.0


@dataclass(slots=True)
class Killed:
    environments: list[str] = field(default_factory=list)
    cuts: int = 0


async def test_two_clients_and_two_without_one_end_with_equal_histories(
    local: LocalSystem, size: Size, report: Report
) -> None:
    each = size(25, 200)
    people, conversation = await local.group(4)
    stream = f"conv:{conversation}"
    async with AsyncExitStack() as open_now:
        clients = [
            await open_now.enter_async_context(
                reading(local, person, focus=stream, heartbeat=HEARTBEAT_SECONDS)
            )
            for person in people[:2]
        ]
        bare = [await open_now.enter_async_context(following(one, stream)) for one in people[2:]]
        killed = await open_now.enter_async_context(killing(local))
        ledger = Ledger()
        await asyncio.gather(
            *(say_by_client(reader, conversation, number=each) for reader in clients),
            *(say_bare(one.person, conversation, ledger, number=each) for one in bare),
        )
        await until_equal(clients, bare, stream, number=4 * each)
    history = await people[0].history(conversation)
    whole = [message["content"] for message in history]
    report(
        "The main job",
        people=4,
        messages=len(whole),
        environments_killed=len(killed.environments),
        of_functions=len(set(killed.environments)),
        cuts_of_all_sockets=killed.cuts,
        bare_sockets=sum(one.sockets for one in bare),
        bare_syncs=sum(one.syncs for one in bare),
    )
    assert len(set(whole)) == len(whole) == 4 * each
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    for reader in clients:
        assert reader.said(stream) == whole
        assert reader.snapshots == []
    for one in bare:
        assert [event["data"]["message"]["content"] for event in one.events] == whole
    assert killed.cuts >= 2
    assert {"SendMessage", "Send", "PushEvents", "Hello"} <= set(killed.environments)


async def say_by_client(reader: Reader, conversation: str, *, number: int) -> None:
    """Over its socket where one is open; whether it arrived is the outbox's to see to."""
    outbox = Outbox(reader.client, over=reader.subscription, backoff=QUICK)
    for which in range(number):
        await outbox.send(conversation, f"{which} of {id(reader)} through the client")
        await asyncio.sleep(0.02)
    assert outbox.pending == ()


async def say_bare(person: Person, conversation: str, ledger: Ledger, *, number: int) -> None:
    for which in range(number):
        content = f"{which} of {person.username}"
        await ledger.send(person, conversation, content, nonce=f"{conversation}-{which}")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def following(person: Person, stream: str) -> AsyncIterator[Follower]:
    follower = Follower(person, stream)
    task = asyncio.create_task(follower.follow())
    try:
        yield follower
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def killing(system: LocalSystem) -> AsyncIterator[Killed]:
    """One environment after another, and at times all sockets at once, until the talk is over."""
    killed = Killed()

    async def kill() -> None:
        while True:
            for pid, function in system.environments().items():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.environments.append(function)
                await asyncio.sleep(0.05)
            system.set_faults(sockets={"cut": 1.0})
            killed.cuts += 1

    task = asyncio.create_task(kill())
    try:
        yield killed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until_equal(
    clients: Sequence[Reader], bare: Sequence[Follower], stream: str, *, number: int
) -> None:
    """While the killing goes on. What is missing when the time is over, the test shows."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while not (
                all(len(reader.numbers(stream)) >= number for reader in clients)
                and all(one.last >= number for one in bare)
            ):
                await asyncio.sleep(0.05)
