"""What is published: AWS's metrics from aws_metrics.toml, ours from recorded lines."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests import emf
from tests.proofs.alarms.series import MetricId

FILE = Path(__file__).with_name("aws_metrics.toml")


@dataclass(frozen=True, slots=True)
class Shape:
    """See aws_metrics.toml."""

    dimensions: frozenset[frozenset[str]]
    statistics: frozenset[str]
    every: int
    sum_seconds: int
    sparse: bool
    source: str


@cache
def shapes() -> dict[tuple[str, str], Shape]:
    """By namespace and name."""
    document = tomllib.loads(FILE.read_text())
    return {(each["namespace"], each["name"]): _shape(each) for each in document["metric"]}


def _shape(entry: dict[str, Any]) -> Shape:
    assert entry["source"].startswith("https://"), entry
    assert entry["read"], entry
    assert entry["unit"] in emf.UNITS, entry
    return Shape(
        dimensions=frozenset(frozenset(names) for names in entry["dimensions"]),
        statistics=frozenset(entry["statistics"]),
        every=entry.get("every", 1),
        sum_seconds=entry.get("sum_seconds", 0),
        sparse=entry.get("sparse", False),
        source=entry["source"],
    )


@cache
def aws(namespace: str, name: str, **dimensions: str) -> MetricId:
    """A metric of AWS. Raises AssertionError where AWS does not publish it so."""
    metric = MetricId.of(namespace, name, dimensions)
    problem = unpublished(metric)
    assert problem is None, problem
    return metric


def unpublished(metric: MetricId) -> str | None:
    """Why AWS does not publish this, or None."""
    shape = shapes().get((metric.namespace, metric.name))
    if shape is None:
        return f"{metric}: aws_metrics.toml has no such metric"
    if metric.dimension_names not in shape.dimensions:
        return f"{metric}: it is not published with these dimensions"
    return None
