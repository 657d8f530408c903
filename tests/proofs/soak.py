"""A steady mixture of requests over many sockets, and what it leaves behind in the processes of the
local cloud."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

from tests.person import Document, Person, Socket
from tests.system import LocalSystem

HEARTBEAT_SECONDS = 60.0

GROUP = 30
"""People in one conversation, each with a socket."""


@dataclass(slots=True)
class Place:
    """A conversation of some people, and the forum that they write in."""

    people: Sequence[Person]
    conversation: str
    forum: str
    message: Document
    post: Document


@dataclass(frozen=True, slots=True)
class Sample:
    """`private_mb`: memory that no process shares with another one; 0 where it is not measured,
    which takes as long as many requests. `connections`: to Postgres and to Valkey."""

    seconds: float
    private_mb: float
    descriptors: int
    connections: int
    processes: int

    @property
    def descriptors_each(self) -> float:
        return self.descriptors / self.processes

    @property
    def connections_each(self) -> float:
        return self.connections / self.processes


@dataclass(slots=True)
class Soak:
    statuses: Counter[int] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    late: int = 0

    @property
    def server_errors(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= 500)

    def growth(self, of: Callable[[Sample], float]) -> float:
        """From the first third of the samples to the last one, as a share of the first."""
        third = max(1, len(self.samples) // 3)
        first = statistics.median(of(sample) for sample in self.samples[:third])
        last = statistics.median(of(sample) for sample in self.samples[-third:])
        return last / first - 1


async def make_places(people: Sequence[Person]) -> list[Place]:
    return [
        await _make_place(people[first : first + GROUP]) for first in range(0, len(people), GROUP)
    ]


async def _make_place(people: Sequence[Person]) -> Place:
    owner = people[0]
    conversation = await owner.start_conversation(*people[1:])
    message = (await owner.send_message(conversation, "the first")).json()
    slug = f"soak-{owner.id[-12:]}"
    await owner.request_json("POST", "/forums", body={"slug": slug, "name": "Soak"})
    draft = {"title": "the first", "body": "of this forum"}
    post = await owner.request_json("POST", f"/forums/{slug}/posts", body=draft)
    return Place(people, conversation, slug, message, post)


@asynccontextmanager
async def listening(places: Sequence[Place]) -> AsyncIterator[None]:
    """A socket of each person, subscribed to their conversation, and kept open by pings."""
    sockets: list[Socket] = []
    beating = asyncio.create_task(_beat(sockets))
    try:
        for place in places:
            sockets += await asyncio.gather(*(_listen(each, place) for each in place.people))
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        await asyncio.gather(*(socket.close() for socket in sockets))


async def _beat(sockets: Sequence[Socket]) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await asyncio.gather(*(socket.call("ping", {}) for socket in sockets))


async def _listen(person: Person, place: Place) -> Socket:
    socket = await person.open_socket()
    await socket.call("subscribe", {"streams": [f"conv:{place.conversation}"]})
    return socket


Call = Callable[[Person, Place], Awaitable[int]]


def _calls() -> Iterator[Call]:
    """Without end: mostly reads, and each kind of write from time to time."""

    def call(method: str, path: str, body: object = None) -> Call:
        async def run(person: Person, place: Place) -> int:
            about = {
                "conversation": place.conversation,
                "forum": place.forum,
                "message": place.message["id"],
                "post": place.post["id"],
            }
            filled = body(place) if callable(body) else body
            response = await person.request(method, path.format(**about), body=filled)
            return response.status_code

        return run

    def draft(place: Place) -> Document:
        return {"conversation_id": place.conversation, "content": "one more"}

    turn = itertools.cycle((1, -1, 0))
    mixture = (
        call("GET", "/me"),
        call("GET", "/conversations"),
        call("POST", "/messages", draft),
        call("GET", "/conversations/{conversation}/messages"),
        call("GET", "/forums/{forum}/posts"),
        call("GET", "/posts/{post}/comments"),
        call("POST", "/messages", draft),
        call("PUT", "/posts/{post}/vote", lambda _: {"value": next(turn)}),
        call("GET", "/posts/{post}"),
        call("PUT", "/conversations/{conversation}/read", lambda place: {"seq": 1}),
        call("POST", "/posts/{post}/comments", {"body": "a comment"}),
        call("PUT", "/messages/{message}/reactions/👍"),
        call("POST", "/sync", lambda place: {"cursors": {f"conv:{place.conversation}": 1}}),
        call("DELETE", "/messages/{message}/reactions/👍"),
        call("POST", "/forums/{forum}/posts", {"title": "a post", "body": "with *text*"}),
        call("GET", "/health"),
    )
    return itertools.cycle(mixture)


async def soak(
    system: LocalSystem,
    places: Sequence[Place],
    *,
    rate: float,
    seconds: float,
    warm_up: float,
    with_memory: bool,
) -> Soak:
    """`rate`: requests a second. Samples are taken after `warm_up` seconds, twelve of them."""
    result = Soak()
    people = itertools.cycle([(person, place) for place in places for person in place.people])
    began, calls = time.monotonic(), _calls()
    sampling = asyncio.create_task(
        _sample(system, result, began + warm_up, seconds=seconds, with_memory=with_memory)
    )
    async with asyncio.TaskGroup() as under_way:
        for number in range(round(rate * (warm_up + seconds))):
            wait = began + number / rate - time.monotonic()
            result.late += wait < -1
            await asyncio.sleep(max(wait, 0))
            under_way.create_task(_count(next(calls), *next(people), result))
    await sampling
    return result


async def _count(call: Call, person: Person, place: Place, result: Soak) -> None:
    result.statuses[await call(person, place)] += 1


async def _sample(
    system: LocalSystem, result: Soak, first: float, *, seconds: float, with_memory: bool
) -> None:
    samples = 12
    for number in range(samples):
        await asyncio.sleep(max(0, first + number * seconds / samples - time.monotonic()))
        sample = await asyncio.to_thread(
            take_sample, system, time.monotonic(), with_memory=with_memory
        )
        result.samples.append(sample)


def take_sample(system: LocalSystem, now: float, *, with_memory: bool) -> Sample:
    memory = descriptors = processes = 0
    for identity in system.processes():
        try:
            process = psutil.Process(identity.pid)
            memory += process.memory_full_info().uss if with_memory else 0
            descriptors += process.num_fds()
            processes += 1
        except psutil.NoSuchProcess:
            continue
    with system.valkey() as valkey:
        clients = int(valkey.info("clients")["connected_clients"])
    backends = system.count("SELECT count(*) FROM pg_stat_activity WHERE usename = 'cgraph'")
    return Sample(now, memory / 2**20, descriptors, clients + backends, processes)
