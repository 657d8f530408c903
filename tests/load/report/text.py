"""The results as text, each beside its goal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.load.catching_up import CatchUpTimes
from tests.load.delivery import Delivery
from tests.load.figures import goal_ratio, number
from tests.load.imports import ImportTimes
from tests.load.load import Stage
from tests.load.machine import Machine
from tests.load.measure import RATE, Footprint, Memory
from tests.load.registry import RegistryMemory
from tests.load.routes import ROUTES, Route
from tests.load.usage import MEASURE
from tests.load.voting import Voting

IMPORT_RATIO = 1.15
IMPORT_MS = 250.0
DELIVERY_P50_MS, DELIVERY_P99_MS = 30.0, 150.0
MISSED_P95_MS = 150.0
SOCKET_BYTES = 1024.0
START_AGAIN_SECONDS = 6.0
MEMORY_MB = 600.0
OTHER_LOAD_MAX = 0.05


def machine(info: Machine) -> str:
    return (
        f"{info.cores} cores ({info.processor}), {info.memory_gb} GB, Python {info.python}, "
        f"{info.system}"
    )


def footprint(result: Footprint) -> Iterator[str]:
    yield f"start from an empty home   {number(result.first_start)} s"
    goal = goal_ratio(result.second_start, goal=START_AGAIN_SECONDS, at_most=True)
    yield f"start again                {number(result.second_start)} s   (at most 6 s: {goal})"
    yield from _memory("memory at rest", result.at_rest)
    yield from _memory(f"memory after {result.functions} functions ran", result.after_all)


def _memory(what: str, parts: Memory) -> Iterator[str]:
    total = sum(used for _, used in parts.values())
    goal = goal_ratio(total, goal=MEMORY_MB, at_most=True)
    yield f"{what} ({MEASURE})   {number(total)} MB   (at most 600 MB: {goal})"
    for part, (processes, used) in parts.items():
        yield f"  {part:<18} {number(used):>6} MB in {processes} processes"


def load(results: Sequence[Stage]) -> Iterator[str]:
    for route in ROUTES:
        yield from _route(route, [stage for stage in results if stage.route == route.name])
    yield from _cpu(results, cores=os.cpu_count() or 1)


def _route(route: Route, results: Iterable[Stage]) -> Iterator[str]:
    goal = route.goal
    rate_goal = f"{number(goal.rate)}/s" if goal.rate else "none"
    p95 = f", p95 {number(goal.p95_ms)} ms" if goal.p95_ms else ""
    cpu = f", {number(goal.cpu_ms)} ms CPU" if goal.cpu_ms else ""
    yield f"{route.name}   (goal: {rate_goal}{p95}{cpu})"
    yield "   conns      req/s               p50 ms   p95 ms            p99 ms   CPU ms   failed"
    for stage in results:
        outcome, latency = stage.outcome, stage.outcome.latency_ms
        rate = goal_ratio(outcome.rate, goal=goal.rate, at_most=False) if goal.rate else ""
        tail = goal_ratio(latency.p95, goal=goal.p95_ms, at_most=True) if goal.p95_ms else ""
        yield (
            f"{stage.connections:8} {number(outcome.rate):>10} {rate:>10} "
            f"{number(latency.p50):>10} {number(latency.p95):>8} {tail:>10} "
            f"{number(latency.p99):>7} {number(stage.function_cpu_ms):>8} {outcome.failed:8}"
        )


def _cpu(results: Sequence[Stage], *, cores: int) -> Iterator[str]:
    """The CPU time of a request by part, which other work on the machine changes less than the
    rate.
    """
    yield f"where the CPU goes (ms per request; at most = the rate that {cores} cores allow)"
    for route in ROUTES:
        own = [stage for stage in results if stage.route == route.name]
        best = min(own, key=lambda stage: sum(stage.cpu_ms.values()))
        most = 1000 * cores / sum(best.cpu_ms.values())
        yield f"  {route.what:<20} {_cost(best.cpu_ms)}   at most {number(most)}/s"
    others = max(stage.other_load for stage in results)
    if others > OTHER_LOAD_MAX:
        yield f"  other processes used {100 * others:.0f} % of the machine: the rates are too low"


def _cost(cpu_ms: Mapping[str, float]) -> str:
    shares = sorted(cpu_ms.items(), key=lambda item: -item[1])
    text = " · ".join(f"{part} {each:.2f}" for part, each in shares if each >= 0.005)
    return f"{sum(cpu_ms.values()):5.2f} = {text}"


def delivery(result: Delivery) -> Iterator[str]:
    yield f"send → received on another socket, {RATE} messages/s ({result.sent} messages)"
    at = result.received_ms
    median = goal_ratio(at.p50, goal=DELIVERY_P50_MS, at_most=True)
    tail = goal_ratio(at.p99, goal=DELIVERY_P99_MS, at_most=True)
    yield f"  received   p50 {number(at.p50)} ms (30 ms: {median})   p95 {number(at.p95)} ms"
    yield f"             p99 {number(at.p99)} ms (150 ms: {tail})   max {number(at.max)} ms"
    own = [number(each) for each in (result.acknowledged_ms.p50, result.acknowledged_ms.p99)]
    yield f"  acknowledged p50 {own[0]} ms   p99 {own[1]} ms"
    yield f"  not received {result.missing}, refused {result.refused}"
    yield f"  CPU ms per message {_cost(result.cpu_ms)}"


def catch_up(times: CatchUpTimes) -> Iterator[str]:
    yield f"catching up by POST /sync: {times.missed} missed events, {times.streams} streams"
    at, each = times.missed_ms, times.streams_ms
    tail = goal_ratio(at.p95, goal=MISSED_P95_MS, at_most=True)
    yield f"  the events    p50 {number(at.p50)} ms   p95 {number(at.p95)} ms (150 ms: {tail})"
    yield f"  the streams   p50 {number(each.p50)} ms   p95 {number(each.p95)} ms"
    yield f"  all streams take {times.calls} calls"


def voting(result: Voting) -> Iterator[str]:
    yield f"votes, {result.clients} clients of Postgres; {result.wrong} wrong scores"
    for what, one in (
        ("one client", result.alone),
        ("one post", result.one_post),
        ("many posts", result.many_posts),
    ):
        yield (
            f"  {what:<12}{number(one.votes_per_second)}/s   p50 {number(one.ms.p50)} ms   "
            f"p99 {number(one.ms.p99)} ms"
        )


def registry(memory_use: RegistryMemory) -> Iterator[str]:
    goal = goal_ratio(memory_use.bytes_each, goal=SOCKET_BYTES, at_most=True)
    yield (
        f"Valkey's memory, {memory_use.connections} sockets: "
        f"{number(memory_use.bytes_each)} bytes each (1 KB: {goal})"
    )


def imports(times: ImportTimes) -> Iterator[str]:
    yield f"import in a fresh process, CPU time; bare FastAPI + Mangum: {number(times.bare_ms)} ms"
    for one in sorted(times.functions, key=lambda each: each.milliseconds):
        goal = (
            goal_ratio(one.milliseconds, goal=IMPORT_MS, at_most=True) + " of 250 ms"
            if one.ratio is None
            else f"{one.ratio:.2f} × bare {'✓' if one.ratio <= IMPORT_RATIO else '✗'} (1.15)"
        )
        yield f"  {one.module:<40} {number(one.milliseconds):>6} ms   {goal}"
