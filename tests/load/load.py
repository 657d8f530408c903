"""Requests on several connections: rates, percentiles, and where the CPU time goes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from tests.load.generator import Load, Outcome
from tests.load.routes import ROUTES, Route
from tests.load.servers import CGRAPH, Server, cgraph
from tests.load.session import Session
from tests.load.subprocesses import run_module
from tests.load.usage import busy_seconds, cpu_spent


@dataclass(frozen=True, slots=True)
class Stage:
    """`function_cpu_ms`: the mean of an invocation, 0 for the monolith. `cpu_ms`: of a request, by
    part, including the generator. `other_load`: the share of the machine that other processes used
    meanwhile.
    """

    route: str
    server: str
    connections: int
    outcome: Outcome
    function_cpu_ms: float
    cpu_ms: dict[str, float]
    other_load: float

    @property
    def server_cpu_ms(self) -> float:
        """Without that of the generator."""
        return sum(each for part, each in self.cpu_ms.items() if part != "generator")


async def load_routes(session: Session) -> list[Stage]:
    """Each of our routes on each number of connections."""
    server, stages = cgraph(session.system), []
    for route in ROUTES:
        for connections in session.sizes.connections:
            session.progress.print(f"{route.name}, {connections} connections")
            seconds = session.sizes.seconds
            stages.append(
                await load(session, server, route, connections=connections, seconds=seconds)
            )
    return stages


async def load(
    session: Session, server: Server, route: Route, *, connections: int, seconds: float
) -> Stage:
    requests = session.population.requests(route, connections=connections, token=server.token)
    first, warm_up = session.next_number, session.sizes.warm_up
    session.system.reset_statistics()
    before, busy_before, began = server.processes(), busy_seconds(), time.perf_counter()
    config = Load(server.ports, warm_up, seconds, first, requests)
    outcome = await run_module("generator", config, Outcome)
    took, busy = time.perf_counter() - began, busy_seconds() - busy_before
    spent = cpu_spent(before, server.processes())
    session.next_number = outcome.last
    # The generator's own figure excludes its warm-up; those of the other parts include it.
    spent["generator"] = outcome.cpu_seconds * took / outcome.seconds
    sent = outcome.last - first
    return Stage(
        route.name,
        server.name,
        connections,
        outcome,
        _function_cpu_ms(session, route) if server.name == CGRAPH else 0.0,
        {part: 1000 * each / sent for part, each in spent.items()},
        max(0.0, busy - sum(spent.values())) / took / (os.cpu_count() or 1),
    )


def _function_cpu_ms(session: Session, route: Route) -> float:
    return float(session.system.statistics()[route.function]["cpu_ms"]["mean"])
