"""R9: API Gateway closes every socket after two hours and an idle one after ten minutes. With two
hours in 20 s and ten minutes in 2 s nothing is lost, and no client that follows the protocol is
disconnected by force."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Breakable
from tests.proofs.short_life import SHORT_LIFE, SHORT_LIFE_IN_FULL
from tests.reader import Reader, open_reader
from tests.system import LocalSystem

GOING_AWAY = 1001
EQUAL_SECONDS = 60.0


async def test_no_event_is_lost_when_the_gateway_closes_sockets(
    short_lived: Breakable, size: Size, report: Report
) -> None:
    system, lives = short_lived.system, size(2, 12)
    scaled = size(SHORT_LIFE, SHORT_LIFE_IN_FULL)
    life, idle = scaled.life, scaled.idle
    writer, idle_person, mover, *people = [await system.new_person() for _ in range(5)]
    conversation = await writer.start_conversation(mover, *people)
    stream = f"conv:{conversation}"
    await warm_up([writer, idle_person, mover, *people])
    plain, before = PlainFollower(mover, stream, life=life), sockets_opened(system)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(open_reader(system, person, subscribe_to=stream))
            for person in people
        ]
        idle_reader = await stack.enter_async_context(
            open_reader(system, idle_person, subscribe_to=f"user:{idle_person.id}")
        )
        ending = asyncio.Event()
        async with asyncio.TaskGroup() as under_way:
            under_way.create_task(plain.follow(ending))
            closing = under_way.create_task(wait_until_closed(idle_person))
            sent = await send_messages(
                writer, conversation, seconds=lives * life, every=size(0.25, 0.1)
            )
            await wait_for_all(clients, plain, stream, sent=sent)
            ending.set()
    opened = sockets_opened(system) - before
    closed_after, code = closing.result()
    read = [client.numbers(stream) for client in clients]
    report(
        "R9 socket lifetime",
        lives=lives,
        messages=sent,
        read_by_clients=[len(numbers) for numbers in read],
        read_over_plain_sockets=len(plain.events),
        sockets_opened=opened,
        reconnects=len(plain.reconnects_at),
        at=f"{min(plain.reconnects_at):.1f} to {max(plain.reconnects_at):.1f} of {life} s",
        idle_socket_closed_after=f"{closed_after:.1f} s",
    )
    everything = list(range(1, sent + 1))
    assert all(numbers == everything for numbers in read), "a client has a gap"
    assert sorted(plain.events) == everything, "the plain follower has a gap"
    assert [each.connection.last_error for each in (*clients, idle_reader)] == [""] * (
        len(clients) + 1
    ), "a client was disconnected by force"
    assert all(client.snapshots == [] for client in clients)
    assert len(plain.reconnects_at) >= lives and max(plain.reconnects_at) < life
    assert opened >= (len(clients) + 2) * lives
    assert idle - 0.1 <= closed_after and code == GOING_AWAY


@dataclass(slots=True)
class PlainFollower:
    """With plain sockets: when the server sends `reconnect`, it opens the next one before it closes
    the current one. `reconnects_at`: the ages of sockets when it came; `events`: by number."""

    person: Person
    stream: str
    life: float
    reconnects_at: list[float] = field(default_factory=list)
    events: dict[int, Document] = field(default_factory=dict)

    async def follow(self, ending: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        socket = await self._open()
        began = clock()
        while not ending.is_set():
            await socket.call("ping", {"streams": [self.stream]})
            self._take(socket)
            if is_to_reconnect(socket):
                self.reconnects_at.append(clock() - began)
                next_socket = await self._open()
                await self._close(socket)
                socket, began = next_socket, clock()
            with suppress(TimeoutError):
                await socket.wait_until(partial(is_to_reconnect, socket), seconds=self.life / 20)
        await self._close(socket)

    async def _open(self) -> Socket:
        last = next(
            number for number in range(len(self.events) + 1) if number + 1 not in self.events
        )
        return await self.person.open_socket(cursors={self.stream: last})

    async def _close(self, socket: Socket) -> None:
        await socket.close()
        self._take(socket)

    def _take(self, socket: Socket) -> None:
        self.events |= {event["seq"]: event for event in socket.events if "seq" in event}


def is_to_reconnect(socket: Socket) -> bool:
    return any(json.loads(text)["type"] == "reconnect" for text in socket.frames)


def sockets_opened(system: LocalSystem) -> int:
    return int(system.statistics()["Connect"]["invocations"])


async def warm_up(people: Sequence[Person]) -> None:
    """A cold start may take longer than a minute is here."""

    async def open_and_close(person: Person) -> None:
        socket = await person.open_socket()
        await socket.call("ping", {"streams": []})
        await socket.close()

    for _ in range(2):
        await asyncio.gather(*map(open_and_close, people))


async def send_messages(person: Person, conversation: str, *, seconds: float, every: float) -> int:
    """Returns their number."""
    clock = asyncio.get_running_loop().time
    ends, sent = clock() + seconds, 0
    while clock() < ends:
        response = await person.send_message(conversation, str(sent))
        assert response.status_code == 201, response.text
        sent += 1
        await asyncio.sleep(every)
    return sent


async def wait_until_closed(person: Person) -> tuple[float, int | None]:
    """After how many seconds a socket that only sends hello is closed, and with which code."""
    socket = await person.open_socket()
    began = asyncio.get_running_loop().time()
    await socket.reading
    return asyncio.get_running_loop().time() - began, socket.connection.close_code


async def wait_for_all(
    clients: Sequence[Reader], plain: PlainFollower, stream: str, *, sent: int
) -> None:
    """Where the time is over, the test shows what is missing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EQUAL_SECONDS):
            while min(*(len(each.numbers(stream)) for each in clients), len(plain.events)) < sent:
                await asyncio.sleep(0.05)
