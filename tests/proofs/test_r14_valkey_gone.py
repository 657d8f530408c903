"""R14: Valkey is away for 60 s, comes back empty and is flushed once more, while people send: they
succeed, limits are neither open nor closed, presence heals within 60 s, followers miss nothing."""

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
from tests.person import NoAnswer, Person, Refused
from tests.reader import Reader, reading
from tests.system import LocalSystem

WRITERS = 3
FOLLOWERS = 3
SAY_EVERY = 1.0
"""Within what one process allows one person while it counts for itself."""
FLOOD_AT_ONCE = 4
FLOOD_PAUSE = 0.02
REFUSALS = 10
HEALED_SECONDS = 60.0


@dataclass(slots=True)
class Talk:
    """Statuses of the writers' sends, by when they were sent."""

    conversation: str
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    phase: str = "before"
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def heard(self, writers: Sequence[Person]) -> None:
        """As many were answered in this phase, however busy the machine is."""
        async with asyncio.timeout(HEALED_SECONDS):
            while self.statuses.setdefault(self.phase, Counter()).total() < len(writers):
                await asyncio.sleep(0.05)

    async def say(self, person: Person) -> None:
        """Each message once."""
        while not self.over.is_set():
            phase = self.phase
            answer = await person.send(self.conversation, f"said while it is {phase}")
            self.statuses.setdefault(phase, Counter())[answer.status_code] += 1
            await asyncio.sleep(SAY_EVERY)


async def test_valkey_is_away_and_comes_back_empty(
    limited: LocalSystem, size: Size, report: Report
) -> None:
    """The fast variant has a quick heartbeat; the full one the server's, of 30 s."""
    people, conversation = await limited.group(WRITERS + FOLLOWERS + 1)
    *others, observer = people
    writers, followers = others[:WRITERS], others[WRITERS:]
    flooder = await limited.new_person("flooder")
    talk, stream = Talk(conversation), f"conv:{conversation}"
    async with AsyncExitStack() as open_now:
        readers = [
            await open_now.enter_async_context(
                reading(limited, person, focus=stream, heartbeat=size(1, 0) or None)
            )
            for person in followers
        ]
        await healed(observer, stream, followers)
        async with saying(talk, writers):
            async with away(limited):
                talk.phase = "away"
                flood = await flooded(limited, flooder, seconds=size(3, 60))
                await talk.heard(writers)
                talk.phase = "back"
            healed_in = [await healed(observer, stream, followers)]
            with limited.valkey() as valkey:
                valkey.flushall()
            talk.phase = "flushed"
            healed_in.append(await healed(observer, stream, followers))
            await talk.heard(writers)
        head = (await observer.get(f"/conversations/{conversation}"))["head"]
        await until_all_have(readers, stream, head=head)
    report(
        "R14 Valkey gone",
        sends={phase: dict(statuses) for phase, statuses in talk.statuses.items()},
        flood=dict(flood.statuses),
        flood_from_processes=flood.processes,
        presence_healed_in=[f"{seconds:.1f} s" for seconds in healed_in],
        followers=len(readers),
        events=head,
    )
    assert [list(statuses) for statuses in talk.statuses.values()] == [[201]] * 4
    assert set(flood.statuses) == {201, 429}
    assert flood.statuses[201] <= flood.allowed
    for reader in readers:
        assert reader.numbers(stream) == list(range(1, head + 1))
    assert head == sum(statuses.total() for statuses in talk.statuses.values())


@asynccontextmanager
async def away(system: LocalSystem) -> AsyncIterator[None]:
    """Killed, and after it not there; then started again, empty."""
    with ExitStack() as down:
        await asyncio.to_thread(down.enter_context, outage.outage(system.home, "valkey"))
        yield
        await asyncio.to_thread(down.close)


@asynccontextmanager
async def saying(talk: Talk, writers: Sequence[Person]) -> AsyncIterator[None]:
    """Meanwhile; what is being sent at the end is still answered."""
    writing = [asyncio.create_task(talk.say(person)) for person in writers]
    try:
        yield
    finally:
        talk.over.set()
        await asyncio.gather(*writing)


@dataclass(frozen=True, slots=True)
class Flood:
    """`allowed`: what its processes together may have let pass."""

    statuses: Counter[int]
    processes: int
    seconds: float

    @property
    def allowed(self) -> float:
        share = SEND.burst + self.seconds * SEND.per_minute / 60
        return self.processes * (share / LOCAL_SHARE + 1)


async def flooded(system: LocalSystem, person: Person, *, seconds: float) -> Flood:
    """As much as is answered, by one person, until some of it has been refused."""
    conversation = await person.start()
    clock, statuses = asyncio.get_running_loop().time, Counter[int]()
    began, processes = clock(), set(system.environments("SendMessage"))

    async def send() -> None:
        while clock() - began < seconds or statuses[429] < REFUSALS:
            answer = await person.send(conversation, "flood")
            statuses[answer.status_code] += 1
            await asyncio.sleep(FLOOD_PAUSE)

    async with asyncio.timeout(seconds + HEALED_SECONDS):
        await asyncio.gather(*(send() for _ in range(FLOOD_AT_ONCE)))
    processes |= set(system.environments("SendMessage"))
    return Flood(statuses, len(processes), clock() - began)


async def healed(observer: Person, stream: str, people: Sequence[Person]) -> float:
    """The seconds until all of them are seen to be there."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while clock() - began < HEALED_SECONDS:
        if {person.id for person in people} <= await present(observer, stream):
            return clock() - began
        await asyncio.sleep(0.2)
    raise AssertionError(f"presence has not healed within {HEALED_SECONDS:.0f} s")


async def present(observer: Person, stream: str) -> set[str]:
    """As a new socket is told; nobody, where none can be opened yet."""
    try:
        socket = await observer.open_socket()
    except (Refused, NoAnswer, InvalidStatus):
        return set()
    try:
        answer = await socket.ask("subscribe", {"streams": [stream]})
    except NoAnswer:
        return set()
    finally:
        await socket.close()
    told = answer["data"]["streams"][stream]["present"] if answer["ok"] else []
    return {each["user_id"] for each in told}


async def until_all_have(readers: Sequence[Reader], stream: str, *, head: int) -> None:
    async with asyncio.timeout(HEALED_SECONDS):
        while any(len(reader.numbers(stream)) < head for reader in readers):
            await asyncio.sleep(0.05)
