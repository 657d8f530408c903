"""Our routes beside those of the monolith, in turns, so that other load affects both alike."""

from __future__ import annotations

from dataclasses import dataclass

from tests.load.figures import median
from tests.load.load import Stage, load
from tests.load.routes import COMPARED, Route
from tests.load.servers import Server, both
from tests.load.session import Session


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of all rounds. `cpu_ms`: of a request, in all processes but the generator."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    failed: int


@dataclass(frozen=True, slots=True)
class Pair:
    """`ratio`: our rate by the monolith's, `cpu_ratio`: the monolith's CPU time of a request by
    ours; the medians of the ratios of each round.
    """

    route: str
    ours: Figures
    monolith: Figures
    ratio: float
    cpu_ratio: float


@dataclass(frozen=True, slots=True)
class Comparison:
    connections: int
    people: int
    history: int
    posts: int
    rounds: int
    pairs: list[Pair]


async def compare(session: Session) -> Comparison:
    sizes, route_rounds = session.sizes, dict[str, list[tuple[Stage, Stage]]]()
    with both(session.system) as servers:
        for turn in range(sizes.rounds):
            session.progress.print(f"six routes, ours and the monolith's, round {turn + 1}")
            for route in COMPARED:
                order = servers if turn % 2 == 0 else servers[::-1]
                stages = [await _stage(session, server, route) for server in order]
                ours, monolith = stages if turn % 2 == 0 else stages[::-1]
                route_rounds.setdefault(route.name, []).append((ours, monolith))
    return Comparison(
        sizes.compared_connections,
        sizes.people,
        sizes.history,
        sizes.posts,
        sizes.rounds,
        [_pair(name, rounds) for name, rounds in route_rounds.items()],
    )


async def _stage(session: Session, server: Server, route: Route) -> Stage:
    sizes = session.sizes
    return await load(
        session,
        server,
        route,
        connections=sizes.compared_connections,
        seconds=sizes.round_seconds,
    )


def _pair(route: str, rounds: list[tuple[Stage, Stage]]) -> Pair:
    return Pair(
        route,
        _figures([ours for ours, _ in rounds]),
        _figures([monolith for _, monolith in rounds]),
        median(ours.outcome.rate / max(0.01, monolith.outcome.rate) for ours, monolith in rounds),
        median(monolith.server_cpu_ms / ours.server_cpu_ms for ours, monolith in rounds),
    )


def _figures(stages: list[Stage]) -> Figures:
    return Figures(
        rate=median(stage.outcome.rate for stage in stages),
        p50_ms=median(stage.outcome.latency_ms.p50 for stage in stages),
        p99_ms=median(stage.outcome.latency_ms.p99 for stage in stages),
        cpu_ms=median(stage.server_cpu_ms for stage in stages),
        failed=sum(stage.outcome.failed for stage in stages),
    )
