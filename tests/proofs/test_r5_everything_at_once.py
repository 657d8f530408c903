"""R5: ten people write and ten read for five minutes while every ten seconds something else fails;
what was acknowledged is there once, and everybody has read it, in one order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from cgraph_client import Conversation, LocalState, Message, Timeline
from tests.conftest import Report, Size
from tests.e2e.follower import Follower, following
from tests.person import PAGE, Person
from tests.proofs.turmoil import Turmoil
from tests.proofs.verdict import Entry, Log, entry, judge
from tests.proofs.writing import Book, HttpLine, SocketLine, Writer
from tests.reader import Reader, reading
from tests.system import LocalSystem

WRITERS = 10
CLIENTS, BARE = 6, 4
HEARTBEAT_SECONDS = 2.0
EQUAL_SECONDS = 30.0
TOLD_SECONDS = 75.0
"""A job that a fault has met comes again when its visibility timeout is over."""


async def test_everybody_reads_what_was_acknowledged(
    local: LocalSystem, size: Size, report: Report
) -> None:
    seconds, every = size(12, 300), size(2, 10)
    people, conversation = await local.group(WRITERS + CLIENTS + BARE)
    stream, book = f"conv:{conversation}", Book()
    turmoil = Turmoil(local, long=size(2, 5), slow=size(1, 2))
    async with readers(local, people[WRITERS:], stream) as (clients, bare):
        begun = await clients[0].client.conversation(conversation)
        async with writing(people[:WRITERS], conversation, book):
            while len(book.deeds) < WRITERS:  # each function has an environment
                await asyncio.sleep(0.05)
            await turmoil.rage(seconds=seconds, every=every)
        calm = time.monotonic()
        log = await settled(local, conversation, clients, bare)
        calm = time.monotonic() - calm
        for client in clients:
            await check_mirror(client, begun)
    read = [seen_by_client(client, stream) for client in clients] + [
        [entry(event["seq"], event["event"], event["data"]) for event in one.events] for one in bare
    ]
    verdict = judge(book, log)
    history = await people[0].history(conversation)
    unlike = sum(one != log.entries() for one in read)
    for action, counted in book.table().items():
        report(f"R5 {action}", **counted)
    report("R5 faults", **{f"{name} ×": times for name, times in turmoil.counts.items()})
    report("R5 what they met", **turmoil.met)
    report(
        "R5 everything at once",
        events=len(log.rows),
        acknowledged=verdict.acknowledged,
        unknown=f"{verdict.unknown} ({verdict.of_which_done} of them done)",
        lost=verdict.lost,
        twice=verdict.twice,
        never_done=verdict.never_done,
        out_of_order=verdict.out_of_order,
        readers=len(read),
        readers_that_differ=unlike,
        bare_sockets=sum(one.sockets for one in bare),
        equal_after=f"{calm:.1f} s",
    )
    verdict.check()
    assert unlike == 0, "somebody has read something else than the log"
    assert all(client.snapshots == [] for client in clients)
    assert [m["seq"] for m in history] == [e.seq for e in log.entries() if e.type[-7:] == "created"]
    assert len({message["id"] for message in history}) == len(history)
    assert len(turmoil.counts) == 6 and min(turmoil.counts.values()) > 0, "a fault met nothing"
    assert {deed.code for deed in book.deeds} <= {"", "message_deleted"}


@asynccontextmanager
async def readers(
    system: LocalSystem, people: Sequence[Person], stream: str
) -> AsyncIterator[tuple[list[Reader], list[Follower]]]:
    """Some through the client, some on nothing but a socket."""
    async with AsyncExitStack() as open_now:
        clients = [
            await open_now.enter_async_context(
                reading(system, person, focus=stream, heartbeat=HEARTBEAT_SECONDS)
            )
            for person in people[:CLIENTS]
        ]
        bare = [
            await open_now.enter_async_context(following(person, stream))
            for person in people[CLIENTS:]
        ]
        yield clients, bare


@asynccontextmanager
async def writing(people: Sequence[Person], conversation: str, book: Book) -> AsyncIterator[None]:
    """Half of them over HTTP, half over sockets; at the end each finishes what it does."""
    ending = asyncio.Event()
    async with asyncio.TaskGroup() as under_way:
        for number, person in enumerate(people):
            line = HttpLine(person) if number % 2 else SocketLine(person)
            writer = Writer(person, conversation, line, book, seed=number)
            under_way.create_task(writer.write(ending))
        try:
            yield
        finally:
            ending.set()


async def settled(
    system: LocalSystem, conversation: str, clients: Sequence[Reader], bare: Sequence[Follower]
) -> Log:
    """When no reaction waits to be told and everybody has the last event; what is missing when the
    time is over, the test shows."""
    waiting = f"""SELECT count(*) FROM pending_reactions p JOIN messages m ON m.id = p.message_id
                  WHERE m.conversation_id = '{conversation}'"""
    async with asyncio.timeout(TOLD_SECONDS):
        while system.count(waiting):
            await asyncio.sleep(0.1)
    log, stream = Log.of(system, conversation), f"conv:{conversation}"
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while not (
                all(len(client.numbers(stream)) >= len(log.rows) for client in clients)
                and all(one.last >= len(log.rows) for one in bare)
            ):
                await asyncio.sleep(0.05)
    return log


def seen_by_client(client: Reader, stream: str) -> list[Entry]:
    return [
        entry(event.seq, event.event, dict(event.data))
        for event in client.events
        if event.stream == stream and event.seq is not None
    ]


async def check_mirror(client: Reader, begun: Conversation) -> None:
    """All events since the beginning make what the server shows now."""
    mirror = LocalState(await client.client.me())
    mirror.load([begun])
    for event in client.events:
        mirror.apply(event)
    now = await client.client.conversation(begun.id)
    fresh = Timeline.load(now, me=mirror.me.id, messages=await whole_history(client, begun.id))
    assert mirror.timelines[begun.id].messages == fresh.messages, "what was read is not what is"


async def whole_history(client: Reader, conversation: str) -> list[Message]:
    found: list[Message] = []
    while True:
        after = found[-1].seq if found else 0
        page = await client.client.history(conversation, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found
