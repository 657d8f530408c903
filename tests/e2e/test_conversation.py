"""The main job: people send messages while environments are killed and sockets are cut, and end
with equal histories."""

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
from tests.proofs.send_log import SendLog
from tests.reader import QUICK, Reader, open_reader
from tests.system import LocalSystem

HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 30.0

FUNCTIONS = {
    *("Connect", "Disconnect", "MakeTicket", "Hello", "Ping", "Subscribe", "Sync", "SyncStreams"),
    *("Send", "SendMessage", "ListMessages", "PushEvents", "MaintainSockets"),
}


@dataclass(slots=True)
class FaultAfterEachMessage:
    """After each message an environment is killed, of each function in turn, and after `cut_every`
    messages all sockets are cut."""

    system: LocalSystem
    cut_every: int
    sent: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    cuts: int = 0

    def inject(self) -> None:
        self.sent += 1
        environments = self.system.environments()
        chosen = {pid: name for pid, name in environments.items() if name in FUNCTIONS}
        if chosen:
            pid = min(chosen, key=lambda pid: self.killed[chosen[pid]])
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed[chosen[pid]] += 1
        if self.sent % self.cut_every == 0:
            self.system.set_faults(sockets={"cut": 1.0})
            self.cuts += 1


async def test_clients_and_plain_sockets_end_with_equal_histories(
    local: LocalSystem, size: Size, report: Report
) -> None:
    each = size(25, 200)
    people, conversation = await local.group(4)
    stream = f"conv:{conversation}"
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                open_reader(local, person, subscribe_to=stream, heartbeat=HEARTBEAT_SECONDS)
            )
            for person in people[:2]
        ]
        followers = [await stack.enter_async_context(following(one, stream)) for one in people[2:]]
        faults, log = FaultAfterEachMessage(local, cut_every=each), SendLog()
        await asyncio.gather(
            *(send_by_client(reader, conversation, faults, number=each) for reader in clients),
            *(
                send_by_http(one.person, conversation, log, faults, number=each)
                for one in followers
            ),
        )
        local.set_faults()
        await wait_until_equal(clients, followers, stream, number=4 * each)
    history = await people[0].history(conversation)
    whole = [message["content"] for message in history]
    report(
        "The main job",
        people=4,
        messages=len(whole),
        environments_killed=faults.killed.total(),
        of_functions=len(faults.killed),
        cuts_of_all_sockets=faults.cuts,
        plain_sockets=sum(one.sockets for one in followers),
        plain_syncs=sum(one.syncs for one in followers),
    )
    assert len(set(whole)) == len(whole) == 4 * each
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    for reader in clients:
        assert reader.contents(stream) == whole
        assert reader.snapshots == []
    for one in followers:
        assert [event["data"]["message"]["content"] for event in one.events] == whole
    assert faults.cuts == 4
    assert {"SendMessage", "PushEvents", "Connect", "Hello", "SyncStreams"} <= faults.killed.keys()


async def send_by_client(
    reader: Reader, conversation: str, faults: FaultAfterEachMessage, *, number: int
) -> None:
    """Over its socket where one is open. The outbox sends again until it is acknowledged."""
    outbox = Outbox(reader.client, connection=reader.connection, backoff=QUICK)
    for which in range(number):
        await outbox.send(conversation, f"{which} of {id(reader)} through the client")
        faults.inject()
    assert outbox.pending == ()


async def send_by_http(
    person: Person, conversation: str, log: SendLog, faults: FaultAfterEachMessage, *, number: int
) -> None:
    for which in range(number):
        content = f"{which} of {person.username}"
        await log.send(person, conversation, content, nonce=f"{conversation}-{which}")
        faults.inject()


async def wait_until_equal(
    clients: Sequence[Reader], followers: Sequence[Follower], stream: str, *, number: int
) -> None:
    """Where the time is over, the test shows what is missing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while not (
                all(len(reader.numbers(stream)) >= number for reader in clients)
                and all(one.last >= number for one in followers)
            ):
                await asyncio.sleep(0.05)
