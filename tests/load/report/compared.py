"""The tables of ours beside the monolith, of fan-out and of flatness, each beside its goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.load.comparison import Comparison, Figures, Pair
from tests.load.fan_out import OpeningRate, Point
from tests.load.figures import goal_ratio, number
from tests.load.flatness.measure import Curve, Time
from tests.load.routes import COMPARED
from tests.load.servers import CGRAPH

OPENED_PER_SECOND = 500.0
POSTS_PER_DELIVERY = 0.2
FLAT_RATIO = 1.3
GROWING = "members of a conversation: send a message"
"""Reads its audience, which the push needs; it has no goal."""

RECEIVED_P99_MS = {(200, 50): 250.0, (1000, 10): 250.0, (1000, 1): 150.0}
"""By sockets and messages a second."""

MERGED = {(200, 50), (1000, 10)}
"""Where posts are counted by their deliveries: events of a stream that is not busy go alone."""


def comparison(result: Comparison) -> Iterator[str]:
    yield (
        f"{result.connections} connections, {result.people} people, {result.history:,} messages in "
        f"the history, {result.posts:,} posts; medians of {result.rounds} rounds in turns"
    )
    yield "ratio: our rate by the monolith's. CPU: the monolith's CPU time of a request by ours"
    yield (
        f"{'':<22}{'CGraph /s':>10}{'p50':>7}{'p99 ms':>8}{'CPU ms':>8}"
        f"{'monolith /s':>13}{'p50':>7}{'p99 ms':>8}{'CPU ms':>8}{'ratio':>8}{'goal':>7}"
        f"{'CPU':>10}"
    )
    names = {route.name: route for route in COMPARED}
    for pair in result.pairs:
        route = names[pair.route]
        yield f"{route.what:<22}{_pair(pair, goal=route.goal.ratio or 0.0)}"
    if failed := sum(pair.ours.failed + pair.monolith.failed for pair in result.pairs):
        yield f"{failed} requests failed"


def _pair(pair: Pair, *, goal: float) -> str:
    met = "✓" if pair.ratio >= goal else "✗"
    return (
        f"{_figures(pair.ours, width=10)}{_figures(pair.monolith, width=13)}"
        f"{pair.ratio:>8.2f}{goal:>6.2f}{met}{pair.cpu_ratio:>10.2f}"
    )


def _figures(one: Figures, *, width: int) -> str:
    times = f"{number(one.p50_ms):>7}{number(one.p99_ms):>8}{number(one.cpu_ms):>8}"
    return f"{number(one.rate):>{width}}{times}"


def fan_out(points: Sequence[Point]) -> Iterator[str]:
    yield "from the request to the event on each socket; posts: frames by the events in them"
    yield (
        f"{'':<10}{'sockets':>8}{'msg/s':>7}{'p50':>9}{'p99 ms':>9}{'last p99':>10}"
        f"{'missing':>9}{'refused':>9}{'posts':>7}   goals"
    )
    for point in points:
        times = point.times
        posts = times.frames / max(1, times.deliveries)
        yield (
            f"{point.server:<10}{times.sockets:>8,}{times.rate:>7}"
            f"{number(times.received_ms.p50):>9}{number(times.received_ms.p99):>9}"
            f"{number(times.last_ms.p99):>10}{times.missing:>9,}{times.refused:>9,}{posts:>7.2f}"
            f"   {_goals(point, posts=posts)}"
        ).rstrip()


def _goals(point: Point, *, posts: float) -> str:
    key = point.times.sockets, point.times.rate
    if point.server != CGRAPH or key not in RECEIVED_P99_MS:
        return ""
    limit = RECEIVED_P99_MS[key]
    ratio = goal_ratio(point.times.received_ms.p99, goal=limit, at_most=True)
    missing = "nothing missing ✓" if point.times.missing == 0 else "nothing missing ✗"
    merged = goal_ratio(posts, goal=POSTS_PER_DELIVERY, at_most=True)
    rest = f", posts {POSTS_PER_DELIVERY}: {merged}" if key in MERGED else ""
    return f"p99 {number(limit)} ms: {ratio}, {missing}{rest}"


def opening(rates: Sequence[OpeningRate]) -> Iterator[str]:
    yield "sockets opened a second, each with a ticket, the handshake and the answer to `hello`"
    for one in rates:
        goal = goal_ratio(one.per_second, goal=OPENED_PER_SECOND, at_most=False)
        text = f"   (500: {goal})" if one.server == CGRAPH else ""
        yield (
            f"  {one.server:<10}{number(one.per_second):>8}/s   {number(one.cpu_ms)} ms of CPU "
            f"time each, {one.sockets} sockets{text}"
        )


def flatness(curves: Sequence[Curve]) -> Iterator[str]:
    yield (
        "ms of a route's statements in Postgres (CPU time / until the answer); the ratio of the "
        "CPU time at the largest size to that at the smallest with a full page"
    )
    for series in dict.fromkeys(curve.series for curve in curves):
        own = [curve for curve in curves if curve.series == series]
        sizes = "".join(f"{time.size:>16,}" for time in own[0].times)
        yield f"{series:<32}{sizes}     ratio"
        for curve in own:
            times = "".join(f"{_time(time):>16}" for time in curve.times)
            yield f"  {curve.query:<30}{times}   {_flat(curve)}"


def growth(curve: Curve) -> float:
    """From the smallest size with a full page to the largest one."""
    full = [time for time in curve.times if time.size >= curve.full_page] or curve.times
    return _cost(full[-1]) / max(0.001, _cost(full[0]))


def _flat(curve: Curve) -> str:
    ratio = growth(curve)
    if f"{curve.series}: {curve.query}" == GROWING:
        return f"{ratio:.2f} × (no goal)"
    return f"{ratio:.2f} × {'✓' if ratio <= FLAT_RATIO else '✗'} (1.3)"


def _cost(time: Time) -> float:
    return time.ms if time.cpu_ms is None else time.cpu_ms


def _time(time: Time) -> str:
    cpu = "–" if time.cpu_ms is None else f"{time.cpu_ms:.2f}"
    return f"{cpu} / {time.ms:.2f}"
