"""Metrics as CloudWatch stores them: samples by minute, and what a statistic makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

Sample = tuple[float, float]
"""A value, and how often it was reported in that minute."""

Series = Mapping[int, float]
"""By the number of a period; what has no data is not in it."""

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True, slots=True)
class MetricId:
    """Each set of dimensions is a metric of its own: CloudWatch adds nothing up."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> Self:
        return cls(namespace, name, frozenset(dimensions.items()))

    @property
    def dimension_names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.dimensions)

    def __str__(self) -> str:
        dimensions = ", ".join(f"{name}={value}" for name, value in sorted(self.dimensions))
        return f"{self.namespace} {self.name} ({dimensions or 'no dimensions'})"


class World:
    """Everything that is published, by metric and minute."""

    def __init__(self, samples: Mapping[MetricId, Mapping[int, Sequence[Sample]]] | None = None):
        self._samples = {metric: dict(minutes) for metric, minutes in (samples or {}).items()}

    def copy(self) -> World:
        return World(self._samples)

    def publish(self, metric: MetricId, minute: int, *samples: Sample) -> None:
        """Adds samples. A number of reports of 0 adds none."""
        reported = [sample for sample in samples if sample[1]]
        if reported:
            minutes = self._samples.setdefault(metric, {})
            minutes[minute] = [*minutes.get(minute, ()), *reported]

    def replace(self, metric: MetricId, minute: int, *samples: Sample) -> None:
        self._samples.get(metric, {}).pop(minute, None)
        self.publish(metric, minute, *samples)

    def metrics(self) -> frozenset[MetricId]:
        return frozenset(self._samples)

    def samples(self, metric: MetricId, first: int, last: int) -> list[Sample]:
        """Those of the minutes from `first` to before `last`."""
        minutes = self._samples.get(metric, {})
        if last - first == 1:
            return list(minutes.get(first, ()))
        return [sample for minute in range(first, last) for sample in minutes.get(minute, ())]


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """None where there is nothing to make it of: Sum is no 0 then, the point is missing."""
    if not samples:
        return None
    number = sum(count for _, count in samples)
    total = sum(value * count for value, count in samples)
    simple = {
        "Sum": total,
        "SampleCount": number,
        "Average": total / number,
        "Minimum": min(value for value, _ in samples),
        "Maximum": max(value for value, _ in samples),
    }
    return simple[name] if name in simple else _percentile(samples, name, number)


def percentile(name: str) -> float | None:
    """0.95 for p95; None for another statistic."""
    match = PERCENTILE.fullmatch(name)
    return float(match[1]) / 100 if match else None


def _percentile(samples: Sequence[Sample], name: str, number: float) -> float:
    """The nearest rank. CloudWatch does not document how it interpolates."""
    share = percentile(name)
    assert share is not None, f"{name} is no statistic"
    seen = 0.0
    for value, count in sorted(samples):
        seen += count
        if seen >= share * number:
            return value
    return max(value for value, _ in samples)
