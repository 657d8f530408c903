"""R5: ten people write and ten read for five minutes while every ten seconds something else fails:
each acknowledged write is in the log once, and everybody has read the log in one order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from cgraph_client import Conversation, LocalState, Timeline
from tests.conftest import Report, Size
from tests.e2e.follower import Follower, following
from tests.person import Person
from tests.proofs.client_state import load_history
from tests.proofs.event_log import EventLog, LogEntry, check_log
from tests.proofs.fault_injector import FUNCTIONS, WORKERS, FaultInjector
from tests.proofs.writers import HttpTransport, SocketTransport, WriteLog, Writer
from tests.reader import Reader, open_reader
from tests.system import LocalSystem

WRITERS = 10
CLIENTS, PLAIN_SOCKETS = 6, 4
HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 60.0
FLUSHED_SECONDS = 75.0
"""A job that a fault has met is delivered again when its visibility timeout is over."""


async def test_everybody_reads_each_acknowledged_write_once(
    local: LocalSystem, size: Size, report: Report
) -> None:
    seconds, every = size(9, 300), size(1.5, 10)
    people, conversation = await local.group(WRITERS + CLIENTS + PLAIN_SOCKETS)
    stream, writes = f"conv:{conversation}", WriteLog()
    injector = FaultInjector(
        local,
        functions=size(FUNCTIONS, FUNCTIONS + WORKERS),
        stop_seconds=size(2, 5),
        lock_seconds=size(1, 2),
    )
    async with open_all(local, people[WRITERS:], stream) as (clients, followers):
        before = await clients[0].client.conversation(conversation)
        async with writing(people[:WRITERS], conversation, writes):
            while len(writes.writes) < WRITERS:  # each function has an environment
                await asyncio.sleep(0.05)
            await injector.run(seconds=seconds, every=every)
        began = time.monotonic()
        log = await settled(local, conversation, clients, followers)
        equal_after = time.monotonic() - began
        for client in clients:
            await check_local_state(client, before)
    read = [read_by_client(client, stream) for client in clients] + [
        [LogEntry.of(event["seq"], event["event"], event["data"]) for event in each.events]
        for each in followers
    ]
    result = check_log(writes, log)
    history = await people[0].history(conversation)
    different = sum(entries != log.entries() for entries in read)
    for action, counted in writes.table().items():
        report(f"R5 {action}", **counted)
    report("R5 faults", **{f"{name} ×": times for name, times in injector.counts.items()})
    report("R5 what they met", **injector.met)
    report(
        "R5 everything at once",
        events=len(log.rows),
        acknowledged=result.acknowledged,
        unknown=f"{result.unknown} ({result.unknown_and_done} of them done)",
        lost=result.lost,
        twice=result.twice,
        never_done=result.never_done,
        out_of_order=result.out_of_order,
        readers=len(read),
        readers_that_differ=different,
        plain_sockets=sum(each.sockets for each in followers),
        equal_after=f"{equal_after:.1f} s",
    )
    result.check()
    assert different == 0, "a reader has read something else than the log"
    assert all(client.snapshots == [] for client in clients)
    assert [m["seq"] for m in history] == [e.seq for e in log.entries() if e.type[-7:] == "created"]
    assert len({message["id"] for message in history}) == len(history)
    assert len(injector.counts) == 6 and min(injector.counts.values()) > 0, "a fault met nothing"
    assert {write.code for write in writes.writes} <= {"", "message_deleted"}


@asynccontextmanager
async def open_all(
    system: LocalSystem, people: Sequence[Person], stream: str
) -> AsyncIterator[tuple[list[Reader], list[Follower]]]:
    """Some with the client, some with a plain socket."""
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                open_reader(system, person, subscribe_to=stream, heartbeat=HEARTBEAT_SECONDS)
            )
            for person in people[:CLIENTS]
        ]
        followers = [
            await stack.enter_async_context(following(person, stream))
            for person in people[CLIENTS:]
        ]
        yield clients, followers


@asynccontextmanager
async def writing(
    people: Sequence[Person], conversation: str, writes: WriteLog
) -> AsyncIterator[None]:
    """Half of them over HTTP, half over sockets; at the end each finishes its current write."""
    ending = asyncio.Event()
    async with asyncio.TaskGroup() as under_way:
        for number, person in enumerate(people):
            transport = HttpTransport(person) if number % 2 else SocketTransport(person)
            writer = Writer(person, conversation, transport, writes, seed=number)
            under_way.create_task(writer.write(ending))
        try:
            yield
        finally:
            ending.set()


async def settled(
    system: LocalSystem, conversation: str, clients: Sequence[Reader], followers: Sequence[Follower]
) -> EventLog:
    """The log when no reaction waits for its event and everybody has the last one. Where the time
    is over, the test shows what is missing."""
    waiting = f"""SELECT count(*) FROM pending_reactions p JOIN messages m ON m.id = p.message_id
                  WHERE m.conversation_id = '{conversation}'"""
    async with asyncio.timeout(FLUSHED_SECONDS):
        while system.count(waiting):
            await asyncio.sleep(0.1)
    log, stream = EventLog.read(system, conversation), f"conv:{conversation}"
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while not (
                all(len(client.numbers(stream)) >= len(log.rows) for client in clients)
                and all(each.last >= len(log.rows) for each in followers)
            ):
                await asyncio.sleep(0.05)
    return log


def read_by_client(client: Reader, stream: str) -> list[LogEntry]:
    return [
        LogEntry.of(event.seq, event.event, dict(event.data))
        for event in client.events
        if event.stream == stream and event.seq is not None
    ]


async def check_local_state(reader: Reader, before: Conversation) -> None:
    """All events since the beginning make what the server shows now."""
    state = LocalState(await reader.client.me())
    state.load([before])
    for event in reader.events:
        state.apply(event)
    now = await reader.client.conversation(before.id)
    messages = await load_history(reader.client, before.id)
    fresh = Timeline.load(now, me=state.me.id, messages=messages)
    assert state.timelines[before.id].messages == fresh.messages, "the events made another state"
