"""An alarm of a template, evaluated as CloudWatch documents it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, read on
2026-11-28.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from tests.proofs.alarms.metric_math import Evaluator
from tests.proofs.alarms.series import MetricId, Series, World, percentile, statistic

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Rules:
    """What CloudWatch leaves open. An alarm is proved under all of them. `extra_points`: how many
    more points than its evaluation periods it retrieves (2 of 3 in the documentation's examples).
    """

    extra_points: int = 2
    fills_empty: bool = True


ALL_RULES = [Rules(extra, fills) for extra in (0, 2) for fills in (True, False)]


@dataclass(frozen=True, slots=True)
class Query:
    metric: MetricId
    stat: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """`queries`: by id; `expression` is of these ids. `period` in seconds."""

    name: str
    queries: Mapping[str, Query]
    expression: str
    period: int
    evaluation_periods: int
    datapoints: int
    threshold: float
    comparison: str
    missing: str
    low_samples: str

    @classmethod
    def read(cls, name: str, properties: Mapping[str, Any]) -> Self:
        """From resolved properties. Raises AssertionError where CloudWatch would refuse them."""
        queries, expression, period = _queries(properties)
        periods = int(properties["EvaluationPeriods"])
        return cls(
            name=name,
            queries=queries,
            expression=expression,
            period=period,
            evaluation_periods=periods,
            datapoints=int(properties.get("DatapointsToAlarm", periods)),
            threshold=float(properties["Threshold"]),
            comparison=properties["ComparisonOperator"],
            missing=properties.get("TreatMissingData", "missing"),
            low_samples=properties.get("EvaluateLowSampleCountPercentile", "evaluate"),
        )

    @property
    def minutes(self) -> int:
        """Of a period."""
        return self.period // 60

    def states(
        self, world: World, *, minutes: int, rules: Rules = Rules()
    ) -> Iterator[tuple[int, State]]:
        """The minute and the state after each period. An alarm begins without data."""
        points = self._points(world, minutes // self.minutes, rules=rules)
        state = State.INSUFFICIENT_DATA
        for end in range(1, len(points) + 1):
            first = max(0, end - self.evaluation_periods)
            if self.low_samples == "evaluate" or not self._has_few_samples(world, first, end):
                state = decide(
                    points[max(0, first - rules.extra_points) : end],
                    self.evaluation_periods,
                    self.datapoints,
                    missing=self.missing,
                    before=state,
                )
            yield end * self.minutes, state

    def _points(self, world: World, number: int, *, rules: Rules) -> list[bool | None]:
        """Of each period, whether it breaches the threshold; None where it is missing."""
        periods = range(number)
        metrics = {id: self._series(world, query, periods) for id, query in self.queries.items()}
        evaluator = Evaluator(metrics, periods=periods, fills_empty=rules.fills_empty)
        values, breaches = evaluator.evaluate(self.expression), COMPARISONS[self.comparison]
        return [
            breaches(values[period], self.threshold) if period in values else None
            for period in periods
        ]

    def _series(self, world: World, query: Query, periods: range) -> Series:
        series = {}
        for period in periods:
            first = period * self.minutes
            samples = world.samples(query.metric, first, first + self.minutes)
            value = statistic(samples, query.stat)
            if value is not None:
                series[period] = value
        return series

    def _has_few_samples(self, world: World, start: int, end: int) -> bool:
        """Whether a percentile has too few samples to mean something."""
        for query in self.queries.values():
            share = percentile(query.stat)
            if share is None:
                continue
            first, last = start * self.minutes, end * self.minutes
            number = sum(count for _, count in world.samples(query.metric, first, last))
            if number < 10 / (1 - share if share >= 0.5 else share):
                return True
        return False


def decide(
    points: Sequence[bool | None], periods: int, datapoints: int, *, missing: str, before: State
) -> State:
    """The state after the points of the evaluation range, the newest last. Each is whether it
    breaches the threshold, or None where it is missing.
    """
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return _counted(sum(real[-periods:]), datapoints)
    if missing == "breaching":
        return _counted(sum(real) + periods - len(real), datapoints)
    if missing == "notBreaching":
        return _counted(sum(real), datapoints)
    if sum(real) >= datapoints:
        return State.ALARM
    if False in real:
        return State.OK
    if missing == "ignore":
        return before
    is_old = True in real and len(points) - list(points).index(True) >= datapoints
    return State.ALARM if is_old else State.INSUFFICIENT_DATA


def _counted(breaching: int, datapoints: int) -> State:
    return State.ALARM if breaching >= datapoints else State.OK


def _queries(properties: Mapping[str, Any]) -> tuple[dict[str, Query], str, int]:
    """The queries by id, the expression, the period."""
    if "Metrics" not in properties:
        assert ("Statistic" in properties) != ("ExtendedStatistic" in properties)
        stat = properties.get("Statistic") or properties["ExtendedStatistic"]
        return {"m": Query(_metric(properties), stat)}, "m", int(properties["Period"])
    stats = {
        each["Id"]: each["MetricStat"] for each in properties["Metrics"] if "MetricStat" in each
    }
    (expression,) = (each["Expression"] for each in properties["Metrics"] if "Expression" in each)
    (period,) = {int(each["Period"]) for each in stats.values()}
    queries = {id: Query(_metric(each["Metric"]), each["Stat"]) for id, each in stats.items()}
    return queries, str(expression), period


def _metric(properties: Mapping[str, Any]) -> MetricId:
    dimensions = {each["Name"]: str(each["Value"]) for each in properties.get("Dimensions", [])}
    return MetricId.of(properties["Namespace"], properties["MetricName"], dimensions)
