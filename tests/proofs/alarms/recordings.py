"""Metric lines that our functions printed, and what CloudWatch makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.proofs.alarms.series import MetricId, World

Values = Mapping[MetricId, list[float]]


@dataclass(frozen=True, slots=True)
class Recordings:
    """What one invocation printed, by kind. `message` is POST /messages, `frame` the action `send`
    of a socket, `watch` the timer of the consumers.
    """

    message: Values
    slow_message: Values
    failed_message: Values
    frame: Values
    failed_frame: Values
    watch: Values

    @property
    def metrics(self) -> frozenset[MetricId]:
        every = (
            *(self.message, self.slow_message, self.failed_message),
            *(self.frame, self.failed_frame, self.watch),
        )
        return frozenset(metric for values in every for metric in values)


def named(values: Values, name: str) -> MetricId:
    """The one metric of this name."""
    (metric,) = (each for each in values if each.name == name)
    return metric


def replay(
    world: World,
    minute: int,
    values: Values,
    *,
    times: float,
    scale: Mapping[str, float] | None = None,
) -> None:
    """`scale`: values that take the place of recorded ones, by the name of the metric."""
    for metric, recorded in values.items():
        for value in recorded:
            world.publish(metric, minute, ((scale or {}).get(metric.name, value), times))
