"""R14: Valkey is down for 60 s, comes back empty and is flushed once more, while people send: all
sends succeed, rate limits are neither open nor closed, presence is right again within 60 s, and
readers miss nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field

from websockets.exceptions import InvalidStatus

from cgraph.core.limits import LOCAL_SHARE, SEND
from cgraph_local.services import outage
from tests.conftest import Report, Size
from tests.person import NoReply, Person, RequestRefused
from tests.reader import open_reader, wait_for_events
from tests.system import LocalSystem

WRITERS = 3
FOLLOWERS = 3
SEND_EVERY = 1.0
"""Within what one process allows one person while it counts by itself."""
FLOOD_AT_ONCE = 4
FLOOD_PAUSE = 0.05
REFUSALS = 10
RESTORED_SECONDS = 60.0


@dataclass(slots=True)
class Conversation:
    """`statuses`: of the writers' sends, by the phase in which they were sent."""

    id: str
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    phase: str = "before"
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for_sends(self, writers: Sequence[Person]) -> None:
        """Until as many have a response in this phase, however busy the machine is."""
        async with asyncio.timeout(RESTORED_SECONDS):
            while self.statuses.setdefault(self.phase, Counter()).total() < len(writers):
                await asyncio.sleep(0.05)

    async def send_messages(self, person: Person) -> None:
        """One after another, each once."""
        while not self.over.is_set():
            phase = self.phase
            response = await person.send_message(self.id, f"sent while Valkey is {phase}")
            self.statuses.setdefault(phase, Counter())[response.status_code] += 1
            await asyncio.sleep(SEND_EVERY)


async def test_sends_presence_and_limits_survive_an_outage_of_valkey(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    """The fast variant has a quick heartbeat; the full one the server's, of 30 s."""
    people, conversation = await rate_limited.group(WRITERS + FOLLOWERS + 1)
    *others, observer = people
    writers, followers = others[:WRITERS], others[WRITERS:]
    flooder = await rate_limited.new_person("flooder")
    group, stream = Conversation(conversation), f"conv:{conversation}"
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(
                open_reader(rate_limited, person, subscribe_to=stream, heartbeat=size(1, 0) or None)
            )
            for person in followers
        ]
        await presence_restored(observer, stream, followers)
        async with sending(group, writers):
            async with valkey_down(rate_limited):
                group.phase = "down"
                flood = await send_flood(rate_limited, flooder, seconds=size(2, 60))
                await group.wait_for_sends(writers)
                group.phase = "back"
            restored_in = [await presence_restored(observer, stream, followers)]
            with rate_limited.valkey() as valkey:
                valkey.flushall()
            group.phase = "flushed"
            restored_in.append(await presence_restored(observer, stream, followers))
            await group.wait_for_sends(writers)
        head = (await observer.get(f"/conversations/{conversation}"))["head"]
        await wait_for_events(readers, stream, number=head, seconds=RESTORED_SECONDS)
    report(
        "R14 Valkey gone",
        sends={phase: dict(statuses) for phase, statuses in group.statuses.items()},
        flood=dict(flood.statuses),
        flood_from_processes=flood.processes,
        presence_restored_in=[f"{seconds:.1f} s" for seconds in restored_in],
        followers=len(readers),
        events=head,
    )
    assert [list(statuses) for statuses in group.statuses.values()] == [[201]] * 4
    assert set(flood.statuses) == {201, 429}
    assert flood.statuses[201] <= flood.allowed
    for reader in readers:
        assert reader.numbers(stream) == list(range(1, head + 1))
    assert head == sum(statuses.total() for statuses in group.statuses.values())


@asynccontextmanager
async def valkey_down(system: LocalSystem) -> AsyncIterator[None]:
    """Killed and kept down; at the end started again, empty."""
    with ExitStack() as down:
        await asyncio.to_thread(down.enter_context, outage.outage(system.home, "valkey"))
        yield
        await asyncio.to_thread(down.close)


@asynccontextmanager
async def sending(group: Conversation, writers: Sequence[Person]) -> AsyncIterator[None]:
    """Meanwhile; waits for the last responses."""
    writing = [asyncio.create_task(group.send_messages(person)) for person in writers]
    try:
        yield
    finally:
        group.over.set()
        await asyncio.gather(*writing)


@dataclass(frozen=True, slots=True)
class Flood:
    """`allowed`: how many requests its processes together may have admitted."""

    statuses: Counter[int]
    processes: int
    seconds: float

    @property
    def allowed(self) -> float:
        share = SEND.burst + self.seconds * SEND.per_minute / 60
        return self.processes * (share / LOCAL_SHARE + 1)


async def send_flood(system: LocalSystem, person: Person, *, seconds: float) -> Flood:
    """By one person, as fast as there are responses, until some requests have been refused."""
    conversation = await person.start_conversation()
    clock, statuses = asyncio.get_running_loop().time, Counter[int]()
    began, processes = clock(), set(system.environments("SendMessage"))

    async def send() -> None:
        while clock() - began < seconds or statuses[429] < REFUSALS:
            response = await person.send_message(conversation, "flood")
            statuses[response.status_code] += 1
            await asyncio.sleep(FLOOD_PAUSE)

    async with asyncio.timeout(seconds + RESTORED_SECONDS):
        await asyncio.gather(*(send() for _ in range(FLOOD_AT_ONCE)))
    processes |= set(system.environments("SendMessage"))
    return Flood(statuses, len(processes), clock() - began)


async def presence_restored(observer: Person, stream: str, people: Sequence[Person]) -> float:
    """Returns the seconds until all of them are shown as present."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while clock() - began < RESTORED_SECONDS:
        if {person.id for person in people} <= await present(observer, stream):
            return clock() - began
        await asyncio.sleep(0.2)
    raise AssertionError(f"presence is not right within {RESTORED_SECONDS:.0f} s")


async def present(observer: Person, stream: str) -> set[str]:
    """The ids of users that a new socket gets; none where no socket can be opened yet."""
    try:
        socket = await observer.open_socket()
    except (RequestRefused, NoReply, InvalidStatus):
        return set()
    try:
        response = await socket.call("subscribe", {"streams": [stream]})
    except NoReply:
        return set()
    finally:
        await socket.close()
    users = response["data"]["streams"][stream]["present"] if response["ok"] else []
    return {user["user_id"] for user in users}
