"""The embedded metric format as AWS specifies it. CloudWatch drops other documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

UNITS = (
    *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None"),
    *("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"),
    *("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"),
    *("Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second"),
    *("Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second"),
    *("Gigabits/Second", "Terabits/Second", "Count/Second"),
)
NAME = {"type": "string", "minLength": 1, "maxLength": 1024}
METRIC_SCHEMA = {
    "type": "object",
    "required": ["Name"],
    "properties": {
        "Name": NAME,
        "Unit": {"enum": list(UNITS)},
        "StorageResolution": {"enum": [1, 60]},
    },
}
DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "properties": {
        "Namespace": {**NAME, "pattern": r"^(?!AWS/)[0-9A-Za-z.\-_/#:]+$"},
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "maxItems": 30,
                "items": {"type": "string", "minLength": 1, "maxLength": 250},
            },
        },
        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": METRIC_SCHEMA},
    },
}
SPECIFICATION = Draft202012Validator(
    {
        "type": "object",
        "required": ["_aws"],
        "properties": {
            "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "properties": {
                    "Timestamp": {"type": "integer", "minimum": 0},
                    "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": DIRECTIVE},
                },
            }
        },
    }
)
MAX_BYTES = 1_048_576
"""Of a log event; a longer one is cut, and is no metric any more."""


@dataclass(frozen=True, slots=True)
class Metric:
    namespace: str
    dimensions: dict[str, str]
    unit: str
    values: list[float]


def read_metrics(document: dict[str, Any]) -> dict[str, Metric]:
    """By name. Raises jsonschema's ValidationError, or AssertionError where a value is missing."""
    SPECIFICATION.validate(document)
    assert len(json.dumps(document)) < MAX_BYTES
    metrics = {}
    for directive in document["_aws"]["CloudWatchMetrics"]:
        dimensions = {name: document[name] for each in directive["Dimensions"] for name in each}
        for name, value in dimensions.items():
            assert isinstance(value, str), f"the dimension {name} is no string: {value!r}"
            assert 0 < len(value) <= 1024, f"the dimension {name}: {value!r}"
        for metric in directive["Metrics"]:
            name, unit = metric["Name"], metric.get("Unit", "None")
            values = _numbers(document.get(name), of=name)
            metrics[name] = Metric(directive["Namespace"], dimensions, unit, values)
    return metrics


def documents_in(log: Path) -> Iterator[dict[str, Any]]:
    """The metric documents in the log of a function."""
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        if "_aws" in entry:
            yield entry


def _numbers(value: Any, *, of: str) -> list[float]:
    values = value if isinstance(value, list) else [value]
    assert 0 < len(values) <= 100, f"{of} has {len(values)} values"
    for each in values:
        assert type(each) in (int, float), f"{of} is no number: {each!r}"
    return [float(each) for each in values]
