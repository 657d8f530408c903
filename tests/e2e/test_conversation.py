"""The main job: people talk while what carries them is killed, and end with equal histories."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from cgraph_client import Outbox
from tests.conftest import Report, Size
from tests.e2e.follower import Follower, following
from tests.person import Person
from tests.proofs.ledger import Ledger
from tests.reader import QUICK, Reader, reading
from tests.system import LocalSystem

HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 30.0


PART_OF_IT = {
    *("Connect", "Disconnect", "MakeTicket", "Hello", "Ping", "Subscribe", "Sync", "SyncStreams"),
    *("Send", "SendMessage", "ListMessages", "PushEvents", "MaintainSockets"),
}


@dataclass(slots=True)
class Harm:
    """Done as the talk goes on: whenever something was said an environment is killed, of each
    function that has a part in it in turn, and now and then all sockets are cut."""

    system: LocalSystem
    cut_every: int
    said: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    cuts: int = 0

    def do(self) -> None:
        self.said += 1
        environments = self.system.environments()
        found = {pid: name for pid, name in environments.items() if name in PART_OF_IT}
        if found:
            pid = min(found, key=lambda pid: self.killed[found[pid]])
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed[found[pid]] += 1
        if self.said % self.cut_every == 0:
            self.system.set_faults(sockets={"cut": 1.0})
            self.cuts += 1


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
        harm, ledger = Harm(local, cut_every=each), Ledger()
        await asyncio.gather(
            *(say_by_client(reader, conversation, harm, number=each) for reader in clients),
            *(say_bare(one.person, conversation, ledger, harm, number=each) for one in bare),
        )
        local.set_faults()
        await until_equal(clients, bare, stream, number=4 * each)
    history = await people[0].history(conversation)
    whole = [message["content"] for message in history]
    report(
        "The main job",
        people=4,
        messages=len(whole),
        environments_killed=harm.killed.total(),
        of_functions=len(harm.killed),
        cuts_of_all_sockets=harm.cuts,
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
    assert harm.cuts == 4
    assert {"SendMessage", "PushEvents", "Connect", "Hello", "SyncStreams"} <= harm.killed.keys()


async def say_by_client(reader: Reader, conversation: str, harm: Harm, *, number: int) -> None:
    """Over its socket where one is open; whether it arrived is the outbox's to see to."""
    outbox = Outbox(reader.client, connection=reader.connection, backoff=QUICK)
    for which in range(number):
        await outbox.send(conversation, f"{which} of {id(reader)} through the client")
        harm.do()
    assert outbox.pending == ()


async def say_bare(
    person: Person, conversation: str, ledger: Ledger, harm: Harm, *, number: int
) -> None:
    for which in range(number):
        content = f"{which} of {person.username}"
        await ledger.send(person, conversation, content, nonce=f"{conversation}-{which}")
        harm.do()


async def until_equal(
    clients: Sequence[Reader], bare: Sequence[Follower], stream: str, *, number: int
) -> None:
    """What is missing when the time is over, the test shows."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while not (
                all(len(reader.numbers(stream)) >= number for reader in clients)
                and all(one.last >= number for one in bare)
            ):
                await asyncio.sleep(0.05)
