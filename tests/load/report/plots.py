"""The pictures of the report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.load.comparison import Comparison
from tests.load.fan_out import Point
from tests.load.flatness.measure import Curve
from tests.load.report import bars
from tests.load.report.bars import Bar
from tests.load.report.chart import Chart, Line, draw
from tests.load.routes import COMPARED
from tests.load.searching import bulk, found, served
from tests.load.searching.bulk import BulkRates
from tests.load.searching.found import FoundTimes
from tests.load.searching.measure import SearchTime
from tests.load.searching.served import ServedTime
from tests.load.servers import CGRAPH

FAN_OUT_GOAL_MS = 250.0
LEAST = 0.001
"""A logarithm needs more than 0."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`name`: of the file, without its suffix."""

    name: str
    title: str
    svg: str


def comparison(result: Comparison) -> Iterator[Picture]:
    routes = {route.name: route for route in COMPARED}
    title = "Requests a second, ours by the monolith's; the mark is the goal"
    each = [
        Bar(routes[pair.route].what, pair.ratio, routes[pair.route].goal.ratio or 0.0)
        for pair in result.pairs
    ]
    yield Picture("routes", title, bars.draw(title, each))


def fan_out(points: Sequence[Point]) -> Iterator[Picture]:
    lines = []
    for server in dict.fromkeys(point.server for point in points):
        own = [point for point in points if point.server == server]
        for colour, sockets in enumerate(dict.fromkeys(point.times.sockets for point in own)):
            curve = [
                (point.times.rate, max(LEAST, point.times.received_ms.p99))
                for point in own
                if point.times.sockets == sockets
            ]
            name = f"{server}, {sockets:,} sockets"
            lines.append(Line(name, curve, colour, dashed=server != CGRAPH))
    goals = {f"goal: {FAN_OUT_GOAL_MS:.0f} ms": FAN_OUT_GOAL_MS}
    title = "Fan-out: p99 from the request to the event on a socket"
    yield _picture("fan-out", Chart(title, "messages a second", "ms", lines, goals))


def flatness(curves: Sequence[Curve]) -> Iterator[Picture]:
    for series in dict.fromkeys(curve.series for curve in curves):
        own = [curve for curve in curves if curve.series == series]
        lines = [
            Line(
                curve.query,
                [(each.size, max(LEAST, each.cpu_ms or each.ms)) for each in curve.times],
                colour,
            )
            for colour, curve in enumerate(own)
        ]
        what = "ms in Postgres" if own[0].times[0].cpu_ms is None else "CPU ms in Postgres"
        chart = Chart(f"SQL time by {series}", series, what, lines)
        yield _picture(f"flatness-{series.replace(' ', '-')}", chart)


def search_flatness(times: Sequence[SearchTime]) -> Iterator[Picture]:
    for series in dict.fromkeys(time.series for time in times):
        own = [time for time in times if time.series == series]
        lines = [
            Line(
                time.query,
                [(size, max(LEAST, ms)) for size, ms in zip(time.sizes, time.medians, strict=True)],
                colour,
            )
            for colour, time in enumerate(own)
        ]
        title = f"Search by size: {series}"
        chart = Chart(title, "documents", "CPU ms in Postgres, median", lines)
        yield _picture(_file_name(f"documents {series}"), chart)


def served_searches(times: Sequence[ServedTime]) -> Iterator[Picture]:
    each = [
        Bar(
            f"{one.query}{', in conversations' if 'within' in one.series else ''}",
            one.ratio,
            served.GOAL,
        )
        for one in times
    ]
    title = "Searches over HTTP: p95 at the larger size by that at the smaller one"
    yield Picture("served-searches", title, bars.draw(title, each))


def found_times(results: Sequence[FoundTimes]) -> Iterator[Picture]:
    each = [
        Bar(f"{one.engine}, {load}", times.p95 / found.P95_MS, 1.0)
        for one in results
        for load, times in (("alone", one.alone), ("busy", one.busy))
    ]
    title = "From written to found: p95 by the 2 s that are the goal"
    yield Picture("found", title, bars.draw(title, each))


def bulk_rates(result: BulkRates) -> Iterator[Picture]:
    """None where there was no OpenSearch."""
    if result.documents:
        title = "Documents a second into OpenSearch, ours by the helper's; the mark is the goal"
        yield Picture("bulk", title, bars.draw(title, [Bar("bulk", result.ratio, bulk.GOAL)]))


def _file_name(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def _picture(name: str, chart: Chart) -> Picture:
    return Picture(name, chart.title, draw(chart))
