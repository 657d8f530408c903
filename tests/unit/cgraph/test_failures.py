"""What is counted as a failure of the server, for alarms and canaries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cgraph.core import metrics
from cgraph.core.errors import DatabaseUnavailable, InternalError, NotFound, ReadOnly, Refusal

STARTED = "metric.duration"


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "cgraph-trial-Send-1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "cgraph-trial")


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (InternalError(), True),
        (DatabaseUnavailable(), True),
        (ReadOnly(), False),
        (NotFound(), False),
    ],
)
def test_a_failure_is_the_fault_of_the_server(refusal: Refusal, expected: bool) -> None:
    assert refusal.is_failure is expected


def test_a_failed_invocation_is_counted_for_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with metrics.invocation(STARTED, failures="frame.failures"):
        metrics.fail()
    first, second = printed(capsys)
    assert first["frame.failures"] == [1]
    assert second["version.failures"] == [1]
    assert second["function"] == "cgraph-trial-Send-1"
    assert second["version"] == "7"
    (directive,) = second["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    assert set(dimensions) == {"service", "function", "version"}


def test_an_exception_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), metrics.invocation(STARTED):
        _ = 1 / 0
    assert len(printed(capsys)) == 2


def test_a_success_after_a_failure_counts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with metrics.invocation(STARTED, failures="frame.failures"):
        metrics.fail()
    printed(capsys)
    with metrics.invocation(STARTED, failures="frame.failures"):
        pass
    (only,) = printed(capsys)
    assert "frame.failures" not in only


def test_a_function_without_versions_is_no_canary(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function would be a metric to pay for."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
    with metrics.invocation(STARTED):
        metrics.fail()
    assert len(printed(capsys)) == 1


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
