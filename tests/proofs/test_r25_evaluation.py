"""The evaluation of alarms agrees with every example of CloudWatch's documentation."""

from __future__ import annotations

import pytest

from tests.proofs.alarms.alarm import Alarm, Query, Rules, State, decide
from tests.proofs.alarms.metric_math import Evaluator, UnknownMath
from tests.proofs.alarms.series import MetricId, Series, World, statistic

KEEP = None
"""Retain the current state."""

OK, ALARM, NO_DATA = State.OK, State.ALARM, State.INSUFFICIENT_DATA
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
Row = tuple[str, int, tuple[State | None, ...]]

DOCUMENTED: list[Row] = [
    ("0 - X - X", 3, (OK, OK, OK, OK)),
    ("0 - - - -", 3, (OK, OK, OK, OK)),
    ("- - - - -", 3, (NO_DATA, KEEP, ALARM, OK)),
    ("0 X X - X", 3, (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", 3, (ALARM, KEEP, ALARM, OK)),
    ("0 - X - X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", 2, (OK, OK, ALARM, OK)),
    ("- - - - 0", 2, (OK, OK, ALARM, OK)),
    ("- - - X -", 2, (ALARM, KEEP, ALARM, OK)),
]
"""The two tables of "Configuring how CloudWatch alarms treat missing data": the points, the newest
last, the points that must breach of 3, and the states by treatment.
"""
POINTS = {"0": False, "X": True, "-": None}


@pytest.mark.parametrize("before", [OK, ALARM])
@pytest.mark.parametrize(("points", "datapoints", "states"), DOCUMENTED)
def test_missing_data_is_treated_as_documented(
    points: str, datapoints: int, states: tuple[State | None, ...], before: State
) -> None:
    for treatment, expected in zip(TREATMENTS, states, strict=True):
        state = decide(
            [POINTS[each] for each in points.split()],
            3,
            datapoints,
            missing=treatment,
            before=before,
        )
        assert state is (before if expected is KEEP else expected), treatment


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_one_new_point_does_not_raise_an_alarm_too_early(points: str) -> None:
    """ "Avoiding premature transitions to alarm state"."""
    values = [POINTS[each] for each in points.split()]
    assert decide(values, 3, 3, missing="missing", before=OK) is not ALARM


A: Series = {0: 10, 1: 20, 3: 40}
B: Series = {0: 5, 1: 0, 2: 7, 3: 8}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", {0: 15, 1: 20, 3: 48}),
        ("100 * a / b", {0: 200, 3: 500}),
        ("-a", {0: -10, 1: -20, 3: -40}),
        ("a > 15", {0: 0, 1: 1, 3: 1}),
        ("IF(a > 15, b, 0)", {0: 0, 1: 0, 3: 8}),
        ("IF(a > 15 AND b > 0, 1, 0)", {0: 0, 1: 0, 3: 1}),
        ("IF(a > 15 || b > 6, 1, 0)", {0: 0, 1: 1, 3: 1}),
        ("FILL(a, 0)", {0: 10, 1: 20, 2: 0, 3: 40}),
        ("FILL(a, 0) + b", {0: 15, 1: 20, 2: 7, 3: 48}),
        ("7", {0: 7, 1: 7, 2: 7, 3: 7}),
    ],
)
def test_math_is_done_point_by_point(expression: str, expected: Series) -> None:
    assert Evaluator({"a": A, "b": B}, periods=range(4)).evaluate(expression) == expected


@pytest.mark.parametrize("expression", ["RATE(a)", "a ** 2", "FILL(a, REPEAT)", "a if b else a"])
def test_math_that_is_not_known_proves_nothing(expression: str) -> None:
    with pytest.raises((UnknownMath, KeyError)):
        Evaluator({"a": A, "b": B}, periods=range(4)).evaluate(expression)


@pytest.mark.parametrize(("fills", "expected"), [(True, {0: 0, 1: 0}), (False, {})])
def test_both_readings_of_fill_are_tried(fills: bool, expected: Series) -> None:
    evaluator = Evaluator({"a": {}}, periods=range(2), fills_empty=fills)
    assert evaluator.evaluate("FILL(a, 0)") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sum", 160.0),
        ("SampleCount", 100.0),
        ("Average", 1.6),
        ("Minimum", 1.0),
        ("Maximum", 7.0),
        ("p50", 1.0),
        ("p90", 1.0),
        ("p95", 7.0),
    ],
)
def test_statistics_count_how_often_a_value_was_reported(name: str, expected: float) -> None:
    assert statistic([(1, 90), (7, 10)], name) == expected


def test_no_report_is_missing_and_not_zero() -> None:
    assert statistic([], "Sum") is None


METRIC = MetricId.of("CGraph", "query.total_time", {"service": "x"})


@pytest.mark.parametrize(("treatment", "fires"), [("evaluate", True), ("ignore", False)])
def test_a_percentile_of_few_samples_can_be_ignored(treatment: str, fires: bool) -> None:
    """Fewer than 10 / (1 - 0.95) = 200."""
    world = World()
    world.publish(METRIC, 0, (500, 199))
    alarm = percentile_alarm(treatment)
    states = dict(alarm.states(world, minutes=1))
    assert (states[1] is State.ALARM) is fires
    world.publish(METRIC, 0, (500, 1))
    assert dict(alarm.states(world, minutes=1))[1] is State.ALARM


def percentile_alarm(low_samples: str) -> Alarm:
    return Alarm(
        name="slow",
        queries={"m": Query(METRIC, "p95")},
        expression="m",
        period=60,
        evaluation_periods=1,
        datapoints=1,
        threshold=100,
        comparison="GreaterThanThreshold",
        missing="notBreaching",
        low_samples=low_samples,
    )


def test_an_alarm_rises_and_falls_with_its_data() -> None:
    world = World()
    for minute, value in enumerate([1, 500, 500, 1, 1, 1, 1]):
        world.publish(METRIC, minute, (value, 1))
    alarm = percentile_alarm("evaluate")
    firing = [minute for minute, state in alarm.states(world, minutes=7) if state is State.ALARM]
    assert firing == [2, 3]
    assert Rules() == Rules(extra_points=2, fills_empty=True)
