"""A line chart as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.load.report.svg import LIGHT, WIDTH, Points, document, dot, path, text

PLOT_HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 48
LEGEND_LINE = 18
TICKS = (1.0, 2.0, 5.0)
LEAST_RANGE = 10.0
"""Of the values upward, so that small differences look small."""


@dataclass(frozen=True, slots=True)
class Line:
    """`colour`: a number; two lines of one colour differ in that one is `dashed`."""

    name: str
    points: Points
    colour: int
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Both axes are logarithmic. `goals`: horizontal lines, by name."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    goals: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high` on the pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)


def draw(chart: Chart) -> str:
    height = TOP + PLOT_HEIGHT + BOTTOM + LEGEND_LINE * math.ceil(len(_legend(chart)) / 2)
    return document(chart.title, height, _body(chart))


def _body(chart: Chart) -> Iterator[str]:
    points = [point for line in chart.lines for point in line.points]
    bottom = TOP + PLOT_HEIGHT
    across = _axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    heights = [*(y for _, y in points), *chart.goals.values()]
    upward = _axis([*heights, max(heights) / LEAST_RANGE], bottom, TOP)
    yield text(LEFT, 18, chart.title, kind="title")
    yield text(LEFT, TOP - 8, chart.y)
    yield text((LEFT + WIDTH) / 2, bottom + 36, chart.x, anchor="middle")
    for value in _ticks(across):
        yield path("grid", [(across.place(value), TOP), (across.place(value), bottom)])
        yield text(across.place(value), bottom + 18, _number(value), anchor="middle")
    for value in _ticks(upward):
        yield path("grid", [(LEFT, upward.place(value)), (WIDTH - RIGHT, upward.place(value))])
        yield text(LEFT - 6, upward.place(value) + 4, _number(value), anchor="end")
    for value in chart.goals.values():
        y = upward.place(value)
        yield path("goal", [(LEFT, y), (WIDTH - RIGHT, y)], dashed=True)
    for line in chart.lines:
        places = [(across.place(x), upward.place(y)) for x, y in line.points]
        kind = f"l{line.colour % len(LIGHT)}"
        yield path(kind, places, dashed=line.dashed)
        yield from (dot(kind, x, y) for x, y in places)
    yield from _legend_rows(chart, bottom + BOTTOM)


def _legend(chart: Chart) -> list[tuple[str, bool, str]]:
    """The class, whether it is dashed, and the name of each line."""
    lines = [(f"l{line.colour % len(LIGHT)}", line.dashed, line.name) for line in chart.lines]
    return lines + [("goal", True, name) for name in chart.goals]


def _legend_rows(chart: Chart, top: float) -> Iterator[str]:
    for number, (kind, dashed, name) in enumerate(_legend(chart)):
        x = LEFT + (number % 2) * (WIDTH - LEFT) / 2
        y = top + LEGEND_LINE * (number // 2) + 8
        yield path(kind, [(x, y - 4), (x + 24, y - 4)], dashed=dashed)
        yield text(x + 32, y, name)


def _axis(values: Sequence[float], start: float, end: float) -> Axis:
    """From the tick below the least value to the tick above the greatest one."""
    low, high = min(values), max(values)
    first = max(each for each in _steps(low) if each <= low * 1.0001)
    last = min(each for each in _steps(high) if each >= high * 0.9999)
    return Axis(first, last if last > first else 2 * first, start, end)


def _steps(value: float) -> Iterator[float]:
    """1, 2, 5, 10, 20 … around a value."""
    exponent = math.floor(math.log10(value))
    for power in range(exponent - 1, exponent + 2):
        yield from (step * 10.0**power for step in TICKS)


def _ticks(axis: Axis) -> list[float]:
    """All of 1, 2, 5 if they are few, else powers of ten."""
    exponents = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    every = [step * 10.0**power for power in exponents for step in TICKS]
    inside = [each for each in every if axis.low * 0.999 <= each <= axis.high * 1.001]
    if len(inside) <= 8:
        return inside
    return [each for each in inside if abs(math.log10(each) - round(math.log10(each))) < 1e-6]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
