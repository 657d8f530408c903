"""Metrics in CloudWatch's embedded metric format, printed with the log.

The only dimension is the service: each value of a further one would be another metric to pay for.
The function and the correlation id are properties, which Logs Insights can query. The exceptions
are `version.failures`, by which a canary is judged and which is printed only when a version fails,
and the lag of each consumer of the log.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from pydantic_core import to_json

from cgraph.core.log import logger

KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in, in bytes."""

NAMESPACE = "CGraph"
UNPUBLISHED = "$LATEST"
"""Lambda's version of a function that is not called through an alias."""

VALUES_AT_MOST = 100
"""Of one metric in one line; CloudWatch drops the others."""

Unit = Literal["Count", "Milliseconds", "Bytes"]

_values: dict[str, list[float]] = {}
_units: dict[str, Unit] = {}
_properties: dict[str, Any] = {}
_query_seconds = 0.0
_failed = False
_round_trips: dict[str, int] = {}


def count(name: str, number: int = 1) -> None:
    """Printed with the invocation's other metrics."""
    _add(name, number, unit="Count")


def milliseconds(name: str, value: float) -> None:
    """Printed with the invocation's other metrics."""
    _add(name, round(value, 3), unit="Milliseconds")


def lags_of_consumers(seconds: Mapping[str, float]) -> None:
    """The longest; and that of each, by name, in lines with the consumer as a second dimension."""
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", NAMESPACE)
    for name, lag in seconds.items():
        dimensions = {"service": service, "consumer": name}
        _print_alone("consumer.lag", lag * 1000, unit="Milliseconds", dimensions=dimensions)
    milliseconds("consumer.lag", max(seconds.values(), default=0) * 1000)


def add_property(name: str, number: int) -> None:
    """A property of the invocation's line, which costs nothing; repeated values are added up."""
    _properties[name] = _properties.get(name, 0) + number


def round_trip(to: str) -> None:
    """Counts a round trip to `postgres`, `valkey` or `sqs`, for the property `round_trips`."""
    _round_trips[to] = _round_trips.get(to, 0) + 1


def fail() -> None:
    """The invocation failed, although Lambda sees an answer: `invocation` counts it."""
    global _failed
    _failed = True


class query:
    """`with query():` around one statement, for `query.total_time`."""

    __slots__ = ("_started",)

    def __enter__(self) -> None:
        round_trip("postgres")
        self._started = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        global _query_seconds
        _query_seconds += time.perf_counter() - self._started


@contextmanager
def invocation(duration: str, *, failures: str | None = None) -> Iterator[None]:
    """Measures one event: its duration under this name, its time in Postgres, the memory.

    `failures`: the name under which it is counted if it fails. A function that is called through an
    alias is also counted by its version.
    """
    global _query_seconds, _failed
    _query_seconds, _failed = 0.0, False
    _round_trips.clear()
    started = time.perf_counter()
    try:
        yield
    except Exception:
        _failed = True
        raise
    finally:
        milliseconds(duration, (time.perf_counter() - started) * 1000)
        if _query_seconds:
            milliseconds("query.total_time", _query_seconds * 1000)
        if _round_trips:
            _properties["round_trips"] = dict(_round_trips)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
        _add("vm.memory.total", memory, unit="Bytes")
        if _failed and failures:
            count(failures)
        _print()
        if _failed:
            _count_for_version()


def _add(name: str, value: float, *, unit: Unit) -> None:
    values = _values.setdefault(name, [])
    values.append(value)
    _units[name] = unit
    if len(values) == VALUES_AT_MOST:
        _print()


def _print() -> None:
    """One line in the format, as Metrics of powertools prints it in ten times the time."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["service"]],
        "Metrics": [{"Name": name, "Unit": _units[name]} for name in _values],
    }
    line: dict[str, Any] = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME", NAMESPACE),
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        "correlation_id": logger.get_correlation_id(),
        **_properties,
        **_values,
    }
    print(to_json(line).decode())
    _values.clear()
    _properties.clear()


def _count_for_version() -> None:
    """In a line of its own, because a line has one set of dimensions."""
    version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", UNPUBLISHED)
    if version == UNPUBLISHED:
        return
    function = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    dimensions = {"function": function, "version": version}
    _print_alone("version.failures", 1, unit="Count", dimensions=dimensions)


def _print_alone(name: str, value: float, *, unit: Unit, dimensions: dict[str, str]) -> None:
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name, MetricUnit(unit), value, namespace=NAMESPACE) as metric:
        for dimension, of in dimensions.items():
            metric.add_dimension(dimension, of)
