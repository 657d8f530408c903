"""Percentiles, and the formatting of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantiles:
    p50: float
    p95: float
    p99: float
    max: float


def quantiles(values: Iterable[float]) -> Quantiles:
    """All are 0 if there are no values."""
    ordered = sorted(values) or [0.0]
    last = len(ordered) - 1
    p50, p95, p99 = (ordered[last * percent // 100] for percent in (50, 95, 99))
    return Quantiles(p50, p95, p99, ordered[last])


def median(values: Iterable[float]) -> float:
    return quantiles(values).p50


def number(value: float) -> str:
    """The number with at least three significant digits: 2,512 · 31.4 · 0.250."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def goal_ratio(value: float, *, goal: float, at_most: bool) -> str:
    """The ratio to the goal, and whether the goal was reached."""
    met = value <= goal if at_most else value >= goal
    return f"{value / goal:.2f} × {'✓' if met else '✗'}"
