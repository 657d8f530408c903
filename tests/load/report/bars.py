"""Horizontal bars as SVG, each with the mark of its goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.load.report.svg import WIDTH, document, path, text

LEFT, RIGHT, TOP, ROW = 170, 60, 44, 32


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float
    goal: float


def draw(title: str, bars: Sequence[Bar]) -> str:
    return document(title, TOP + ROW * len(bars) + 40, _body(title, bars))


def _body(title: str, bars: Sequence[Bar]) -> Iterator[str]:
    bottom = TOP + ROW * len(bars)
    widest = max(1.0, *(max(bar.value, bar.goal) for bar in bars))

    def place(value: float) -> float:
        return LEFT + value / widest * (WIDTH - LEFT - RIGHT)

    yield text(16, 20, title, kind="title")
    for tenths in range(0, int(widest * 10) + 1, 2):
        x = place(tenths / 10)
        yield path("grid", [(x, TOP - 8), (x, bottom)])
        yield text(x, bottom + 18, f"{tenths / 10:.1f}", anchor="middle")
    for number, bar in enumerate(bars):
        y = TOP + ROW * number + ROW / 2 - 4
        yield text(LEFT - 10, y + 4, bar.name, anchor="end")
        yield path("bar l0", [(LEFT, y), (place(bar.value), y)])
        yield path("goal", [(place(bar.goal), y - 12), (place(bar.goal), y + 12)])
        yield text(place(max(bar.value, bar.goal)) + 8, y + 4, f"{bar.value:.2f}")
