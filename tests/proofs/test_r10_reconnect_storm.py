"""R10: 2,000 sockets end at once, where 500 a second may be opened: all are open again within 30 s,
each for at most three statements, and have what they missed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psutil
import pytest

from cgraph_client import ConnectionState
from tests.conftest import Report, Size
from tests.person import Person
from tests.reader import Reader, open_readers
from tests.system import LocalSystem

WITHIN_SECONDS = 30.0
STATEMENTS_A_RESUME = 3
HEARTBEAT_SECONDS = 1_000_000.0
"""No pings, which would be statements too."""

GROUP = 8
BUSY = (
    "MakeTicket",
    "Connect",
    "Hello",
    "Disconnect",
    "PushEvents",
    "SyncStreams",
    "MaintainSockets",
)


@pytest.mark.usefixtures("held_nudges")
async def test_all_clients_reconnect_and_receive_what_they_missed(
    local: LocalSystem, size: Size, report: Report
) -> None:
    if not local.count("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'"):
        pytest.skip("this Postgres cannot count statements")
    sockets = size(60, 2000)
    people = await local.people(size(2, 4) * GROUP)
    groups = [people[start : start + GROUP] for start in range(0, len(people), GROUP)]
    streams = {
        f"conv:{await first.start_conversation(*others)}": first for first, *others in groups
    }
    before = Usage.now(local)
    async with open_readers(local, people, number=sockets, heartbeat=HEARTBEAT_SECONDS) as clients:
        connected = Usage.now(local)
        await send_unpushed(local, streams, sockets=sockets)
        errors, calls = count_errors(local), invocations(local)
        statements, began = local.count_statements(), Usage.now(local)
        local.set_faults(sockets={"cut": 1.0})
        back = await wait_for_reconnects(clients, streams)
        ended = Usage.now(local)
        cut = local.fault_counts()["sockets_cut"]
        statements = local.count_statements() - statements
        calls = {name: number - calls[name] for name, number in invocations(local).items()}
        errors = count_errors(local) - errors
    local.set_faults()
    report(
        "R10 reconnect storm",
        sockets=cut,
        resumed=len(back),
        half_in=f"{median(back):.1f} s",
        all_in=f"{max(back):.1f} s",
        statements_a_resume=f"{statements / cut:.2f}",
        handshakes_refused=calls["MakeTicket"] - calls["Connect"],
        syncs=calls["SyncStreams"],
        errors=errors,
        clients="cgraph_client in one process",
        their_cpu=f"{ended.cpu - began.cpu:.1f} s",
        all_cpu=f"{ended.all_cpu - began.all_cpu:.1f} s",
        their_memory=f"{(connected.memory - before.memory) / 1024 / cut:.0f} KB each",
    )
    assert len(back) == cut == sockets
    assert max(back) < WITHIN_SECONDS * size(2, 1)  # the fast variant runs beside other tests
    assert statements <= STATEMENTS_A_RESUME * cut
    assert errors == 0


async def send_unpushed(system: LocalSystem, streams: dict[str, Person], *, sockets: int) -> None:
    """One message in each conversation, whose pushes are dropped."""
    system.set_faults(deliveries={"drop": 1.0})
    for stream, person in streams.items():
        answer = await person.send_message(stream.removeprefix("conv:"), "missed")
        assert answer.status_code == 201, answer.text
    async with asyncio.timeout(WITHIN_SECONDS):
        while system.fault_counts().get("deliveries_dropped", 0) < sockets:
            await asyncio.sleep(0.05)


async def wait_for_reconnects(clients: Sequence[Reader], streams: dict[str, Person]) -> list[float]:
    """After how many seconds each had a socket again and the message it missed. Gives up after
    twice the time that they have."""

    def is_back(client: Reader) -> bool:
        return client.connection.state is ConnectionState.CONNECTED and any(
            event.stream in streams for event in client.events
        )

    began, missing, back = time.monotonic(), list(clients), []
    while missing and (now := time.monotonic() - began) < 2 * WITHIN_SECONDS:
        still = [client for client in missing if not is_back(client)]
        back += [now] * (len(missing) - len(still))
        missing = still
        await asyncio.sleep(0.05)
    return back


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu` seconds and `memory` of this process, in which the clients are; `all_cpu` with those of
    the local cloud, as far as its processes still run."""

    cpu: float
    all_cpu: float
    memory: int

    @classmethod
    def now(cls, system: LocalSystem) -> Usage:
        process = psutil.Process()
        others = (identity.find() for identity in system.processes())
        cpu = sum(process.cpu_times()[:2])
        theirs = sum(sum(other.cpu_times()[:2]) for other in others if other is not None)
        return cls(cpu, cpu + theirs, process.memory_info().rss)


def invocations(system: LocalSystem) -> dict[str, int]:
    statistics = system.statistics()
    return {name: statistics.get(name, {}).get("invocations", 0) for name in BUSY}


def count_errors(system: LocalSystem) -> int:
    """In the logs of the functions, and invocations that failed."""
    logs = (system.home.logs / f"{name}.log" for name in BUSY)
    logged = sum(log.read_text().count('"level":"ERROR"') for log in logs if log.exists())
    return logged + sum(system.errors(*BUSY).values())
