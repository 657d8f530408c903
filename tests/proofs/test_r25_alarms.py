"""R25: every alarm of every size fires on its fault, within a time, and is silent on a healthy day.

The data are lines of metrics that our functions printed, and AWS's metrics in the shapes that AWS
documents. What CloudWatch does not document is tried both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cgraph_local.template.pseudo_parameters import STACK_NAME
from tests.conftest import Report
from tests.contract.infrastructure import SIZES
from tests.proofs.alarms import delivery, healthy
from tests.proofs.alarms.alarm import ALL_RULES, Alarm, Query, Rules, State
from tests.proofs.alarms.faults import FAULTS, Fault
from tests.proofs.alarms.published import shapes, unpublished
from tests.proofs.alarms.recorder import LOCK_MS, record
from tests.proofs.alarms.recordings import Recordings, named
from tests.proofs.alarms.series import MetricId, World
from tests.proofs.alarms.stacks import read_alarms, read_properties
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""tests/contract/test_alarms.py proves in `make test` that each alarm has a metric."""

HOUR = 3600
SPARSE = {"frame.failures", "version.failures", "mail.failed", "web_push.failed"}
"""Metrics of ours that are printed only when something fails."""


@pytest.fixture(scope="session")
async def recordings(system: LocalSystem) -> Recordings:
    if not isinstance(system, LocalSystem):
        pytest.skip("functions are broken on purpose, which needs the local cloud")
    return await record(system)


@pytest.fixture(scope="session")
def healthy_worlds(recordings: Recordings) -> Mapping[str, World]:
    return {size: healthy.healthy_world(size, recordings) for size in SIZES}


def prove_silence(alarm: Alarm, world: World) -> list[str]:
    """The problems: times at which the alarm fires although all is well."""
    return [
        f"{alarm.name} fires after {minute} minutes of the healthy day ({rules})"
        for rules in _rules(alarm)
        for minute, state in alarm.states(world, minutes=_minutes(alarm), rules=rules)
        if state is State.ALARM
    ]


def prove_firing(alarm: Alarm, fault: Fault, world: World) -> list[str]:
    """The problems: the alarm fires too late, too early or not at all."""
    problems = []
    until = fault.begins + fault.within
    for rules in _rules(alarm):
        states = alarm.states(world, minutes=until, rules=rules)
        first = next((minute for minute, state in states if state is State.ALARM), None)
        if first is None or first <= fault.begins:
            problems.append(f"{fault}: fires after {first}, not within {until} minutes ({rules})")
    return problems


def _rules(alarm: Alarm) -> list[Rules]:
    """Those between which it can make a difference."""
    has_fill = "FILL" in alarm.expression
    return [rules for rules in ALL_RULES if has_fill or rules.fills_empty]


def _minutes(alarm: Alarm) -> int:
    return healthy.DAY * (healthy.DAYS_OF_TIMERS if alarm.period >= HOUR else 1)


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_is_silent_on_a_healthy_day(
    healthy_worlds: Mapping[str, World], size: str, report: Report
) -> None:
    alarms, world = read_alarms(size), healthy_worlds[size]
    problems = [each for alarm in alarms.values() for each in prove_silence(alarm, world)]
    assert not problems, "\n".join(problems)
    report("R25, a healthy day", size=size, alarms=len(alarms))


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_fires_on_its_fault(
    healthy_worlds: Mapping[str, World], recordings: Recordings, size: str, report: Report
) -> None:
    alarms, sound = read_alarms(size), healthy_worlds[size]
    faults = [fault for fault in FAULTS if fault.alarm in alarms]
    problems = [
        problem
        for fault in faults
        for problem in prove_firing(
            alarms[fault.alarm], fault, fault.applied_to(sound, size, recordings)
        )
    ]
    assert not problems, "\n".join(problems)
    report("R25, faults", size=size, alarms=len(alarms), faults=len(faults))


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_has_data_of_a_fault_and_of_a_healthy_day(
    healthy_worlds: Mapping[str, World], recordings: Recordings, size: str
) -> None:
    """Silence without data would prove nothing."""
    alarms, seen = read_alarms(size), healthy_worlds[size].metrics()
    assert alarms.keys() <= {fault.alarm for fault in FAULTS}
    for alarm in alarms.values():
        for query in alarm.queries.values():
            metric = query.metric
            shape = shapes().get((metric.namespace, metric.name))
            is_sparse = shape.sparse if shape else metric.name in SPARSE
            assert metric in seen or is_sparse, f"{alarm.name}: no healthy data of {metric}"
            assert metric in seen | recordings.metrics | delivery.PRINTED, (
                f"{alarm.name}: no data of {metric}"
            )


def test_no_fault_is_of_an_alarm_that_does_not_exist() -> None:
    assert {fault.alarm for fault in FAULTS} == {
        name for size in SIZES for name in read_alarms(size)
    }


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_reads_what_is_published(recordings: Recordings, size: str) -> None:
    problems = [
        problem
        for alarm in read_alarms(size).values()
        for query in alarm.queries.values()
        for problem in unreadable(alarm, query, recordings)
    ]
    assert not problems, "\n".join(problems)


def unreadable(alarm: Alarm, query: Query, recordings: Recordings) -> list[str]:
    """Why CloudWatch has no such metric, or not with this meaning."""
    metric = query.metric
    if not metric.namespace.startswith("AWS/"):
        counted = MetricId.of(f"CGraph/{STACK_NAME}", "database.lock_waits", {})
        known = metric in recordings.metrics or metric == counted or metric in delivery.PRINTED
        return [] if known else [f"{alarm.name}: nothing prints {metric}"]
    if problem := unpublished(metric):
        return [f"{alarm.name}: {problem}"]
    shape, problems = shapes()[metric.namespace, metric.name], []
    if query.stat not in shape.statistics and query.stat != "SampleCount":
        problems.append(f"{alarm.name}: {query.stat} of {metric} means nothing")
    if query.stat == "Sum" and shape.sum_seconds and alarm.period != shape.sum_seconds:
        problems.append(f"{alarm.name}: {metric} is summed up over several reports")
    if alarm.period < shape.every * 60:
        problems.append(f"{alarm.name}: {metric} is reported every {shape.every} minutes")
    return problems


@pytest.mark.parametrize("size", SIZES)
def test_each_alarm_is_one_that_cloudwatch_accepts(size: str) -> None:
    """The limits of PutMetricAlarm: its API reference, read on 2026-11-28."""
    for alarm in read_alarms(size).values():
        assert alarm.period % 60 == 0, alarm.name
        longest = 7 * 24 * HOUR if alarm.period >= HOUR else 24 * HOUR
        assert alarm.period * alarm.evaluation_periods <= longest, alarm.name
        assert 1 <= alarm.datapoints <= alarm.evaluation_periods, alarm.name
        assert len(alarm.queries) <= 10, alarm.name
        assert alarm.missing in ("breaching", "notBreaching"), alarm.name


def test_the_slow_request_was_slow_in_postgres(recordings: Recordings) -> None:
    time = named(recordings.slow_message, "query.total_time")
    assert recordings.slow_message[time][0] > LOCK_MS


def test_a_function_that_succeeds_prints_no_failure(recordings: Recordings) -> None:
    printed = {metric.name for metric in (*recordings.message, *recordings.frame)}
    assert not printed & SPARSE


def test_a_canary_is_not_judged_by_the_version_before(
    healthy_worlds: Mapping[str, World], recordings: Recordings
) -> None:
    """What repairs a failing version would be rolled back otherwise."""
    for name in ("SendMessageFails", "SendFails"):
        alarm = read_alarms("small")[name]
        fault = next(each for each in FAULTS if each.alarm == name)
        (id, query), *_ = alarm.queries.items()
        dimensions = dict(query.metric.dimensions) | {"version": "2"}
        next_version = MetricId.of(query.metric.namespace, query.metric.name, dimensions)
        after = replace(alarm, queries={id: Query(next_version, query.stat)})
        assert (
            prove_silence(after, fault.applied_to(healthy_worlds["small"], "small", recordings))
            == []
        )


BROKEN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a canary on Lambda's errors": (
        "SendMessageFails",
        {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": "SendMessage"}],
        },
    ),
    "the dimension of no serverless cache": (
        "CacheFull",
        {"Dimensions": [{"Name": "ServerlessCacheName", "Value": STACK_NAME}]},
    ),
    "the maximum over the proxy's hosts": ("PoolExhausted", {"Statistic": "Maximum"}),
    "a sum over five reports": (
        "Pinned",
        {"Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 3},
    ),
    "a stage among the dimensions": (
        "SocketConnects",
        {"Dimensions": [{"Name": "ApiId", "Value": "sockets"}, {"Name": "Stage", "Value": "x"}]},
    ),
    "a metric that AWS does not have": ("CacheThrottled", {"MetricName": "ThrottledCommands"}),
    "memory that flaps": ("DatabaseMemory", {"Threshold": 100_000_000, "EvaluationPeriods": 3}),
    "a window longer than a day": ("PushLate", {"EvaluationPeriods": 2000}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_alarm_is_noticed(
    healthy_worlds: Mapping[str, World], recordings: Recordings, what: str
) -> None:
    name, changes = BROKEN[what]
    alarm = Alarm.read(name, _properties(name) | changes)
    problems = [
        each for query in alarm.queries.values() for each in unreadable(alarm, query, recordings)
    ]
    if alarm.period * alarm.evaluation_periods > 24 * HOUR:
        problems.append(f"{alarm.name}: CloudWatch refuses it")
    problems += prove_silence(alarm, healthy_worlds["small"])
    for fault in FAULTS:
        if fault.alarm == name:
            problems += prove_firing(
                alarm, fault, fault.applied_to(healthy_worlds["small"], "small", recordings)
            )
    assert problems


def test_an_alarm_on_the_errors_of_a_timer_is_noticed(
    healthy_worlds: Mapping[str, World], recordings: Recordings
) -> None:
    """A timer that does not run has none."""
    alarm = read_alarms("small")["NoncesNotExpired"]
    on_errors = replace(
        alarm,
        expression="failed",
        comparison="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=1,
        datapoints=1,
        missing="notBreaching",
    )
    fault = next(each for each in FAULTS if each.alarm == alarm.name)
    world = fault.applied_to(healthy_worlds["small"], "small", recordings)
    assert prove_firing(on_errors, fault, world)


def test_an_error_rate_without_a_floor_is_noticed(healthy_worlds: Mapping[str, World]) -> None:
    alarm = read_alarms("small")["Errors"]
    without = replace(alarm, expression="100 * failed / requests")
    assert prove_silence(without, healthy_worlds["small"])


def test_a_percentile_of_few_requests_is_noticed(healthy_worlds: Mapping[str, World]) -> None:
    alarm = read_alarms("small")["Latency"]
    assert prove_silence(replace(alarm, expression="slow"), healthy_worlds["small"])


def _properties(name: str) -> dict[str, Any]:
    return dict(read_properties("small")[name])
