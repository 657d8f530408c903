"""Metrics in CloudWatch's embedded metric format, printed with the log.

The only dimension is the service: each value of a further one would be another metric to pay for.
The function and the correlation id are properties, which Logs Insights can query.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from cgraph.core.log import logger

KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in, in bytes."""

_emf = Metrics(namespace="CGraph")
_query_seconds = 0.0


def count(name: str, number: int = 1) -> None:
    """Printed with the invocation's other metrics."""
    _emf.add_metric(name, MetricUnit.Count, number)


def milliseconds(name: str, value: float) -> None:
    """Printed with the invocation's other metrics."""
    _emf.add_metric(name, MetricUnit.Milliseconds, round(value, 3))


def add_property(name: str, number: int) -> None:
    """A property of the invocation's line, which costs nothing; repeated values are added up."""
    _emf.add_metadata(name, _emf.metadata_set.get(name, 0) + number)


@contextmanager
def query() -> Iterator[None]:
    """One statement, for `query.total_time`."""
    global _query_seconds
    started = time.perf_counter()
    try:
        yield
    finally:
        _query_seconds += time.perf_counter() - started


@contextmanager
def invocation(duration: str) -> Iterator[None]:
    """Measures one event: its duration under this name, its time in Postgres, the memory."""
    global _query_seconds
    _query_seconds = 0.0
    started = time.perf_counter()
    try:
        yield
    finally:
        milliseconds(duration, (time.perf_counter() - started) * 1000)
        if _query_seconds:
            milliseconds("query.total_time", _query_seconds * 1000)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
        _emf.add_metric("vm.memory.total", MetricUnit.Bytes, memory)
        _emf.add_metadata("function", os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""))
        _emf.add_metadata("correlation_id", logger.get_correlation_id())
        _emf.flush_metrics()
