"""The fan-out of one conversation: how long a message takes to all its sockets, by the number of
sockets and the rate of messages; and how fast sockets are opened. Ours, and the monolith's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.load.busy_stream import BusyStream, BusyTimes
from tests.load.crowd import create_users
from tests.load.figures import median
from tests.load.opening import Opened, Opening
from tests.load.servers import Server, both
from tests.load.session import Session
from tests.load.subprocesses import run_module
from tests.load.usage import cpu_spent
from tests.person import Person


@dataclass(frozen=True, slots=True)
class Point:
    """`times` of a number of sockets and a rate, at one server."""

    server: str
    times: BusyTimes


@dataclass(frozen=True, slots=True)
class OpeningRate:
    """Medians of some rounds. `cpu_ms`: of a socket, without the client's."""

    server: str
    sockets: int
    per_second: float
    cpu_ms: float


async def fan_out(session: Session) -> list[Point]:
    sizes, points = session.sizes, list[Point]()
    with both(session.system) as servers:
        for sockets, rates in sizes.fan_out.items():
            people = create_users(session.system, sockets)
            conversation = await people[0].start_conversation(*people[1:], kind="group")
            for server in servers:
                text = ", ".join(map(str, rates))
                session.progress.print(f"{server.name}: {sockets} sockets, {text} messages/s")
                config = BusyStream(
                    ports=server.ports,
                    tokens=[server.token(person) for person in people],
                    conversation_id=conversation,
                    rates=list(rates),
                    warm_up=sizes.warm_up,
                    seconds=sizes.fan_out_seconds,
                    messages=sizes.fan_out_messages,
                )
                results = await run_module("busy_stream", config, list[BusyTimes])
                if not any(times.deliveries for times in results):
                    raise RuntimeError(f"{server.name} delivers nothing: its figures mean nothing")
                points += [Point(server.name, times) for times in results]
    return points


async def opening(session: Session) -> list[OpeningRate]:
    """In turns, so that other load affects both alike."""
    people = create_users(session.system, session.sizes.opened)
    rounds: dict[str, list[tuple[float, float]]] = {}
    with both(session.system) as servers:
        for turn in range(session.sizes.opening_rounds):
            session.progress.print(f"opening {len(people)} sockets, round {turn + 1}")
            for server in servers if turn % 2 == 0 else servers[::-1]:
                rounds.setdefault(server.name, []).append(await _open(server, people))
                while session.system.connections():  # what closes them is not to be measured
                    await asyncio.sleep(0.1)
    return [
        OpeningRate(
            name,
            len(people),
            median(rate for rate, _ in results),
            median(cpu for _, cpu in results),
        )
        for name, results in rounds.items()
    ]


async def _open(server: Server, people: Sequence[Person]) -> tuple[float, float]:
    """Returns the sockets opened a second, and the milliseconds of CPU time of each."""
    before = server.processes()
    config = Opening(server.ports, [server.token(person) for person in people])
    opened = await run_module("opening", config, Opened)
    spent = cpu_spent(before, server.processes())
    return opened.sockets / opened.seconds, 1000 * sum(spent.values()) / opened.sockets
