"""What the usual call of each route costs, in round trips and CPU time; and the page that declares
it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from cgraph_local.core.home import CHECKOUT
from tests.proofs.expectations import declared_functions, expected_refusal, function_of
from tests.proofs.personas import LEAST_RIGHTS_FIRST, Persona
from tests.proofs.route_cases import REQUEST_CASES, ROUTE_CASES, RouteCase
from tests.proofs.scenes import INPUT_KINDS, Scene, SceneKind
from tests.system import LocalSystem

PAGE = CHECKOUT / "docs" / "round-trips.md"
ABOUT = """\
# Round trips of each route

`make round-trips` counts these on a local cloud and writes this page; the proof
`tests/proofs/test_round_trips.py` fails if a route makes more round trips than are written here, or
if a route is missing. To add a route, run `make round-trips ROUTES=list_mentions` and commit the
page.

The call is that of `tests/proofs/route_cases.py`, by a member or, where only they may, by a
moderator, an owner or an outsider, with open sockets of others that get what is pushed. A round
trip is one statement, a BEGIN or a COMMIT, one command or pipeline, or one request to SQS. Of a
route that logs an event one request to SQS nudges the consumers of the log: at most five calls a
second make it. Opening a connection and loading a script do not count, nor do the workers that the
queues call.

The milliseconds are CPU time, the median of some calls on a machine that did other things too: they
compare routes, and are no promise. Gateway and host are those of the local cloud. Requests to
become a member are called once, in a new environment, which takes more of it.
"""
HEAD = """\
| | Postgres | Valkey | SQS | ms function | ms Postgres | ms gateway and host |
|---|--:|--:|--:|--:|--:|--:|
"""
_ROW = re.compile(r"^\| `([^`]+)`([^|]*) \| (\d+) \| (\d+) \| (\d+) \|.*$", re.MULTILINE)
LOG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RoundTrips:
    postgres: int
    valkey: int
    sqs: int

    def exceeds(self, most: RoundTrips) -> bool:
        mine = (self.postgres, self.valkey, self.sqs)
        theirs = (most.postgres, most.valkey, most.sqs)
        return any(one > other for one, other in zip(mine, theirs, strict=True))

    def __str__(self) -> str:
        return f"{self.postgres} to Postgres, {self.valkey} to Valkey, {self.sqs} to SQS"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call. CPU time in milliseconds; 0 where it was not measured."""

    trips: RoundTrips
    function_ms: float = 0.0
    postgres_ms: float = 0.0
    gateway_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    case: RouteCase
    persona: Persona


def label_of(name: str) -> str:
    """The operation, and what tells this call of it from others."""
    _, comma, variant = name.partition(",")
    return f"`{declared_functions()[function_of(name)].operation}`{comma}{variant}"


@cache
def declared() -> Mapping[str, RoundTrips]:
    """By label, what the page says."""
    return {
        f"`{operation}`{variant}": RoundTrips(int(postgres), int(valkey), int(sqs))
        for operation, variant, postgres, valkey, sqs in _ROW.findall(_text())
    }


def _text() -> str:
    return PAGE.read_text() if PAGE.exists() else ""


def calls_in(kind: SceneKind) -> list[Call]:
    """Those that are first possible in such a scene; calls by which the caller leaves come last."""
    earlier = INPUT_KINDS[: INPUT_KINDS.index(kind)]
    calls = [
        Call(name, case, persona)
        for name, case in kind.cases.items()
        if (persona := _allowed(name, kind)) is not None
        if all(name not in other.cases or _allowed(name, other) is None for other in earlier)
    ]
    return sorted(calls, key=lambda call: call.case.moves_caller)


def _allowed(name: str, kind: SceneKind) -> Persona | None:
    """By whom it changes something: who joins is no member yet."""
    case, policy = kind.cases[name], declared_functions()[function_of(name)].policy
    joins = case.moves_caller and case.operation.startswith("PUT ")
    for persona in LEAST_RIGHTS_FIRST[::-1] if joins else LEAST_RIGHTS_FIRST:
        if expected_refusal(name, case, policy, kind=kind, persona=persona) is None:
            return persona
    return None


async def costs_of(
    local: LocalSystem, scene: Scene, call: Call, *, times: int, is_timed: bool
) -> list[Cost]:
    """Of some calls: the first of a new environment takes more CPU time, and a later one may find
    that there is nothing more to change. A request to become a member is made once.
    """
    times = 1 if call.name in REQUEST_CASES else times
    clocks = Clocks(local, _resource(call.name)) if is_timed else None
    return [await _cost(local, scene, call, clocks=clocks) for _ in range(times)]


class Clocks:
    """The CPU time of a function, of Postgres and of the gateway with the host. To read them takes
    ten times as long as a call.
    """

    def __init__(self, local: LocalSystem, function: str) -> None:
        self._local = local
        self._function = function
        self._ms = (0.0, 0.0)

    def start(self) -> None:
        self._local.reset_statistics()
        self._ms = self._read()

    def stop(self) -> None:
        before, after = self._ms, self._read()
        self._ms = after[0] - before[0], after[1] - before[1]

    def cost(self, trips: RoundTrips) -> Cost:
        """Once the function has written its line of metrics."""
        function = self._local.statistics()[self._function]["cpu_ms"].get("p50", 0.0)
        return Cost(trips, function, *self._ms)

    def _read(self) -> tuple[float, float]:
        return _postgres_ms(self._local), _cpu_ms(self._local.process.pid)


async def _cost(local: LocalSystem, scene: Scene, call: Call, *, clocks: Clocks | None) -> Cost:
    actor = scene.personas[call.persona]
    if call.case.own_session:
        actor = await actor.with_own_session()
    placeholders = scene.placeholders(actor, fresh=not call.case.is_read)
    operation = await placeholders.fill(call.case.operation)
    body = await placeholders.fill(call.case.body)
    with local.valkey() as valkey:
        for under_way in ("log:nudge", "log:scores"):  # so that the call sends one
            valkey.delete(under_way)
    log = local.home.logs / f"{_resource(call.name)}.log"
    size = log.stat().st_size if log.exists() else 0
    if clocks:
        clocks.start()
    response = await actor.call(operation, body)
    if clocks:
        clocks.stop()
    assert response.refusal is None, f"{call.name} by {call.persona}: {response.text}"
    trips = await _logged_trips(log, after=size)
    cost = clocks.cost(trips) if clocks else Cost(trips)
    await placeholders.restore(call.name, response)
    return cost


def usual(costs: Sequence[Cost]) -> Cost:
    """The most round trips of them, and the median of the CPU times."""
    return Cost(
        most_trips(costs),
        median(cost.function_ms for cost in costs),
        median(cost.postgres_ms for cost in costs),
        median(cost.gateway_ms for cost in costs),
    )


def most_trips(costs: Sequence[Cost]) -> RoundTrips:
    return RoundTrips(
        max(cost.trips.postgres for cost in costs),
        max(cost.trips.valkey for cost in costs),
        max(cost.trips.sqs for cost in costs),
    )


def page(costs: Mapping[str, Cost]) -> str:
    """`costs`: by the name of the route case; others keep the line that they have."""
    rows = {label_of(name): _row(name, cost) for name, cost in costs.items()}
    kept = {f"`{match[1]}`{match[2]}": match[0] for match in _ROW.finditer(_text())}
    labels = (label_of(name) for name in ROUTE_CASES)
    return f"{ABOUT}\n{HEAD}" + "".join(
        rows.get(label) or f"{kept[label]}\n" for label in labels if label in rows | kept
    )


def _row(name: str, cost: Cost) -> str:
    trips = cost.trips
    counts = (trips.postgres, trips.valkey, trips.sqs)
    times = (f"{ms:.1f}" for ms in (cost.function_ms, cost.postgres_ms, cost.gateway_ms))
    return f"| {' | '.join((label_of(name), *map(str, counts), *times))} |\n"


async def _logged_trips(log: Path, *, after: int) -> RoundTrips:
    """Of the invocation whose line of metrics comes next in the log."""
    deadline, pause = time.monotonic() + LOG_SECONDS, 0.002
    while time.monotonic() < deadline:
        for document in _metric_lines(log, after=after):
            trips = document.get("round_trips", {})
            return RoundTrips(*(trips.get(to, 0) for to in ("postgres", "valkey", "sqs")))
        await asyncio.sleep(pause)
        pause *= 2
    raise AssertionError(f"{log.name} got no line of metrics")


def _metric_lines(log: Path, *, after: int) -> Iterator[dict[str, Any]]:
    if not log.exists():
        return
    with log.open() as lines:
        lines.seek(after)
        for line in lines:
            if '"_aws"' in line and line.endswith("\n"):
                yield json.loads(line)


def _resource(name: str) -> str:
    """The function's name in the template."""
    return "".join(part.capitalize() for part in function_of(name).split("_"))


def _postgres_ms(local: LocalSystem) -> float:
    postmaster = psutil.Process(local.home.read_run()["services"]["postgres"]["pid"])  # type: ignore[index]
    return sum(_cpu_ms(each.pid) for each in (postmaster, *postmaster.children()))


def _cpu_ms(pid: int) -> float:
    """Of all threads, to the nanosecond; 0 where there is no such process, or no /proc."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            total += int(task.read_text().split()[0])
    return total / 1e6
