"""R9: API Gateway ends every socket after two hours and a silent one after ten minutes. With two
hours in 20 s and ten minutes in 2 s nothing is lost, and nobody who follows the protocol is cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.reader import Reader, reading
from tests.system import LocalSystem

GOING_AWAY = 1001
MESSAGE_SECONDS = 0.1
EQUAL_SECONDS = 10.0


async def test_no_end_of_a_socket_loses_anything(
    tmp_path: Path, size: Size, report: Report
) -> None:
    life, idle, lives = size(6, 20), size(3, 2), size(2, 12)
    async with scaled_system(tmp_path, life=life, idle=idle) as system:
        writer, silent, mover, *people = [await system.new_person() for _ in range(5)]
        conversation = await writer.start(mover, *people)
        stream = f"conv:{conversation}"
        await warm_up([writer, silent, mover, *people])
        moving = Mover(mover, stream, life=life)
        async with AsyncExitStack() as open_now:
            clients = [
                await open_now.enter_async_context(reading(system, person, focus=stream))
                for person in people
            ]
            resting = await open_now.enter_async_context(
                reading(system, silent, focus=f"user:{silent.id}")
            )
            ending = asyncio.Event()
            async with asyncio.TaskGroup() as under_way:
                under_way.create_task(moving.move(ending))
                unheard = under_way.create_task(until_cut(silent))
                said = await say(writer, conversation, seconds=lives * life)
                await until_all_have(clients, moving, stream, said=said)
                ending.set()
        opened = system.statistics()["Connect"]["invocations"]
        cut_after, code = unheard.result()
    told = [client.numbers(stream) for client in clients]
    report(
        "R9 the life of sockets",
        lives=lives,
        messages=said,
        read_by_clients=[len(one) for one in told],
        read_by_moving=len(moving.seen),
        sockets_opened=opened,
        asked_to_move=len(moving.asked_at),
        at=f"{min(moving.asked_at):.1f} to {max(moving.asked_at):.1f} of {life} s",
        silent_one_cut_after=f"{cut_after:.1f} s",
    )
    everything = list(range(1, said + 1))
    assert all(one == everything for one in told), "a client has a gap"
    assert sorted(moving.seen) == everything, "whoever moves has a gap"
    assert [one.connection.last_error for one in (*clients, resting)] == [""] * (
        len(clients) + 1
    ), "one was cut"
    assert all(client.snapshots == [] for client in clients)
    assert len(moving.asked_at) >= lives and max(moving.asked_at) < life
    assert opened >= (len(clients) + 2) * lives
    assert idle - 0.1 <= cut_after and code == GOING_AWAY


@dataclass(slots=True)
class Mover:
    """On nothing but sockets: it stays until the server asks it to move, and opens the next one
    before it leaves. `asked_at`: the ages at which it was asked."""

    person: Person
    stream: str
    life: float
    asked_at: list[float] = field(default_factory=list)
    seen: dict[int, Document] = field(default_factory=dict)

    async def move(self, ending: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        socket = await self._open()
        began = clock()
        while not ending.is_set():
            await socket.ask("ping", {"streams": [self.stream]})
            self._take(socket)
            if any(json.loads(text)["type"] == "reconnect" for text in socket.texts):
                self.asked_at.append(clock() - began)
                following = await self._open()
                await self._leave(socket)
                socket, began = following, clock()
            await asyncio.sleep(self.life / 60)
        await self._leave(socket)

    async def _open(self) -> Socket:
        last = next(number for number in range(len(self.seen) + 1) if number + 1 not in self.seen)
        return await self.person.open_socket(cursors={self.stream: last})

    async def _leave(self, socket: Socket) -> None:
        await socket.close()
        self._take(socket)

    def _take(self, socket: Socket) -> None:
        self.seen |= {event["seq"]: event for event in socket.events if "seq" in event}


@asynccontextmanager
async def scaled_system(folder: Path, *, life: int, idle: int) -> AsyncIterator[LocalSystem]:
    system = LocalSystem.start(
        folder / "scaled",
        CGRAPH_RATE_LIMITS="off",
        CGRAPH_SOCKET_LIFE_SECONDS=str(life),
        CGRAPH_SOCKET_IDLE_SECONDS=str(idle),
        CGRAPH_HEARTBEAT_SECONDS="1",
    )
    try:
        yield system
    finally:
        await system.close()
        system.stop()


async def warm_up(people: Sequence[Person]) -> None:
    """A cold start may take longer than what is a minute here."""

    async def open_and_close(person: Person) -> None:
        socket = await person.open_socket()
        await socket.ask("ping", {"streams": []})
        await socket.close()

    for _ in range(2):
        await asyncio.gather(*map(open_and_close, people))


async def say(person: Person, conversation: str, *, seconds: float) -> int:
    """How many messages."""
    clock = asyncio.get_running_loop().time
    ends, said = clock() + seconds, 0
    while clock() < ends:
        answer = await person.send(conversation, str(said))
        assert answer.status_code == 201, answer.text
        said += 1
        await asyncio.sleep(MESSAGE_SECONDS)
    return said


async def until_cut(person: Person) -> tuple[float, int | None]:
    """How long a socket lives that never speaks after its hello, and what it was closed with."""
    socket = await person.open_socket()
    began = asyncio.get_running_loop().time()
    await socket.reading
    return asyncio.get_running_loop().time() - began, socket.connection.close_code


async def until_all_have(
    clients: Sequence[Reader], moving: Mover, stream: str, *, said: int
) -> None:
    """What is missing when the time is over, the test shows."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while min(*(len(one.numbers(stream)) for one in clients), len(moving.seen)) < said:
                await asyncio.sleep(0.05)
