"""The results as text, each beside its goal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.load.catching_up import CatchUpTimes
from tests.load.delivery import Delivery
from tests.load.fan_out import FanOutTimes
from tests.load.feeds import Feeds
from tests.load.figures import goal_ratio, number
from tests.load.imports import ImportTimes
from tests.load.measure import Machine, Stage
from tests.load.registry import RegistryMemory
from tests.load.routes import ROUTES, Route
from tests.load.usage import MEASURE
from tests.load.voting import Voting

IMPORT_RATIO = 1.15
IMPORT_MS = 250.0
DELIVERY_P50_MS, DELIVERY_P99_MS = 30.0, 150.0
FAN_OUT_P99_MS = 500.0
MISSED_P95_MS = 150.0
SOCKET_BYTES = 1024.0
FEED_RATIO = 1.3
START_AGAIN_SECONDS = 6.0
MEMORY_MB = 600.0
OTHER_LOAD_MAX = 0.05


def machine(info: Machine) -> str:
    return (
        f"{info.cores} cores, {info.memory_gb} GB, Python {info.python}, {info.system}; "
        f"load average before: {info.load_before}"
    )


def starts(first: float, second: float) -> Iterator[str]:
    yield f"start from an empty home   {number(first)} s"
    goal = goal_ratio(second, goal=START_AGAIN_SECONDS, at_most=True)
    yield f"start again                {number(second)} s   (at most 6 s: {goal})"


def memory(parts: dict[str, tuple[int, float]]) -> Iterator[str]:
    total = sum(used for _, used in parts.values())
    goal = goal_ratio(total, goal=MEMORY_MB, at_most=True)
    yield f"memory at rest ({MEASURE})   {number(total)} MB   (at most 600 MB: {goal})"
    for part, (processes, used) in parts.items():
        yield f"  {part:<18} {number(used):>6} MB in {processes} processes"


def stages(results: Sequence[Stage]) -> Iterator[str]:
    for route in ROUTES:
        yield from _route(route, [stage for stage in results if stage.route == route.name])


def _route(route: Route, results: Iterable[Stage]) -> Iterator[str]:
    goal = route.goal
    p95 = f", p95 {number(goal.p95_ms)} ms" if goal.p95_ms else ""
    cpu = f", {number(goal.cpu_ms)} ms CPU" if goal.cpu_ms else ""
    yield f"{route.name}   (goal: {number(goal.rate)}/s{p95}{cpu})"
    yield "   conns      req/s               p50 ms   p95 ms            p99 ms   CPU ms   failed"
    for stage in results:
        outcome, latency = stage.outcome, stage.outcome.latency_ms
        rate = goal_ratio(outcome.rate, goal=goal.rate, at_most=False)
        tail = goal_ratio(latency.p95, goal=goal.p95_ms, at_most=True) if goal.p95_ms else ""
        yield (
            f"{stage.connections:8} {number(outcome.rate):>10} {rate:>10} "
            f"{number(latency.p50):>10} {number(latency.p95):>8} {tail:>10} "
            f"{number(latency.p99):>7} {number(stage.function_cpu_ms):>8} {outcome.failed:8}"
        )


def cpu(results: Sequence[Stage], *, cores: int) -> Iterator[str]:
    """The CPU time of a request by part, which other work on the machine changes less than the
    rate.
    """
    yield f"where the CPU goes (ms per request; at most = the rate that {cores} cores allow)"
    for route in ROUTES:
        own = [stage for stage in results if stage.route == route.name]
        best = min(own, key=lambda stage: sum(stage.cpu_ms.values()))
        most = 1000 * cores / sum(best.cpu_ms.values())
        yield f"  {route.name:<18} {_cost(best.cpu_ms)}   at most {number(most)}/s"
    others = max(stage.other_load for stage in results)
    if others > OTHER_LOAD_MAX:
        yield f"  other processes used {100 * others:.0f} % of the machine: the rates are too low"


def _cost(cpu_ms: Mapping[str, float]) -> str:
    shares = sorted(cpu_ms.items(), key=lambda item: -item[1])
    text = " · ".join(f"{part} {each:.2f}" for part, each in shares if each >= 0.005)
    return f"{sum(cpu_ms.values()):5.2f} = {text}"


def delivery(result: Delivery, *, rate: int) -> Iterator[str]:
    yield f"send → received on another socket, {rate} messages/s ({result.sent} messages)"
    at = result.received_ms
    median = goal_ratio(at.p50, goal=DELIVERY_P50_MS, at_most=True)
    tail = goal_ratio(at.p99, goal=DELIVERY_P99_MS, at_most=True)
    yield f"  received   p50 {number(at.p50)} ms (30 ms: {median})   p95 {number(at.p95)} ms"
    yield f"             p99 {number(at.p99)} ms (150 ms: {tail})   max {number(at.max)} ms"
    own = [number(each) for each in (result.acknowledged_ms.p50, result.acknowledged_ms.p99)]
    yield f"  acknowledged p50 {own[0]} ms   p99 {own[1]} ms"
    yield f"  not received {result.missing}, refused {result.refused}"
    yield f"  CPU ms per message {_cost(result.cpu_ms)}"


def fan_out(times: FanOutTimes) -> Iterator[str]:
    yield f"fan-out of {times.messages} messages to {times.sockets} sockets"
    at, sent, last = times.after_response_ms, times.after_request_ms, times.last_ms
    tail = goal_ratio(at.p99, goal=FAN_OUT_P99_MS, at_most=True)
    yield f"  after the response p50 {number(at.p50)} ms   p99 {number(at.p99)} ms (500 ms: {tail})"
    yield f"  after the request  p50 {number(sent.p50)} ms   p99 {number(sent.p99)} ms"
    yield f"  last socket        p50 {number(last.p50)} ms   max {number(last.max)} ms"
    yield f"  not received {times.missing}"


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


def feeds(result: Feeds) -> Iterator[str]:
    yield (
        f"a page of a forum's posts, p95 at {result.posts[0]:,} and at {result.posts[1]:,} posts, "
        f"requested alternately (written in {number(result.fill_seconds)} s)"
    )
    for one in result.lists:
        few, many = one.few_ms.p95, one.many_ms.p95
        goal = goal_ratio(many / few, goal=FEED_RATIO, at_most=True)
        yield (
            f"  {one.query:<24} {number(few):>6} ms {number(many):>8} ms   "
            f"{many / few:.2f} × (1.3: {goal})"
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
