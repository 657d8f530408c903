"""When schedules are due, and the events that they send."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from cgraph_local.host import InvocationError, InvocationResult
from cgraph_local.template import Schedule
from cgraph_local.template.schedule_expressions import InvalidScheduleExpression, due_times
from cgraph_local.triggers import scheduler as scheduler_module
from cgraph_local.triggers.scheduler import Scheduler, scheduled_event

MONDAY = datetime(2026, 11, 23, 10, 7, 30, tzinfo=UTC)


def due(expression: str, *, count: int = 3, timezone: str = "UTC") -> list[str]:
    times = islice(due_times(expression, timezone=timezone, start=MONDAY), count)
    return [time.strftime("%d %b %H:%M") for time in times]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", ["23 Nov 10:08", "23 Nov 10:09", "23 Nov 10:10"]),
        ("rate(2 hours)", ["23 Nov 12:07", "23 Nov 14:07", "23 Nov 16:07"]),
        ("rate(7 days)", ["30 Nov 10:07", "07 Dec 10:07", "14 Dec 10:07"]),
        ("cron(0/15 * * * ? *)", ["23 Nov 10:15", "23 Nov 10:30", "23 Nov 10:45"]),
        ("cron(0 10 * * ? *)", ["24 Nov 10:00", "25 Nov 10:00", "26 Nov 10:00"]),
        ("cron(0 18 ? * MON-FRI *)", ["23 Nov 18:00", "24 Nov 18:00", "25 Nov 18:00"]),
        ("cron(0 18 ? * 2-3 *)", ["23 Nov 18:00", "24 Nov 18:00", "30 Nov 18:00"]),
        ("cron(0 18 ? * 1 *)", ["29 Nov 18:00", "06 Dec 18:00", "13 Dec 18:00"]),
        ("cron(0 9 ? * 6L *)", ["27 Nov 09:00", "25 Dec 09:00", "29 Jan 09:00"]),
        ("cron(0 9 ? * 2#1 *)", ["07 Dec 09:00", "04 Jan 09:00", "01 Feb 09:00"]),
        ("cron(0 8 1 * ? *)", ["01 Dec 08:00", "01 Jan 08:00", "01 Feb 08:00"]),
        ("cron(0 8 L * ? *)", ["30 Nov 08:00", "31 Dec 08:00", "31 Jan 08:00"]),
        ("cron(0 0 1 1 ? 2028)", ["01 Jan 00:00"]),
    ],
)
def test_expressions_are_due_at_the_same_times_as_on_aws(
    expression: str, expected: list[str]
) -> None:
    assert due(expression, count=len(expected)) == expected


def test_cron_follows_daylight_saving_time_of_its_time_zone() -> None:
    berlin = due_times(
        "cron(0 3 * * ? *)",
        timezone="Europe/Berlin",
        start=datetime(2026, 3, 28, 0, tzinfo=UTC),
    )
    assert [time.hour for time in islice(berlin, 2)] == [2, 1]


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 week)",
        "rate(one minute)",
        "every minute",
        "cron(* * * * *)",
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(61 0 * * ? *)",
        "cron(0 0 * FOO ? *)",
    ],
)
def test_expressions_that_aws_refuses_are_refused(expression: str) -> None:
    with pytest.raises(InvalidScheduleExpression):
        due_times(expression, timezone="UTC", start=MONDAY)
    with pytest.raises(InvalidScheduleExpression):
        due_times("cron(0 0 * * ? *)", timezone="Atlantis/Capital", start=MONDAY)


def schedule(kind: str, *, input: str | None = None, expression: str = "rate(1 day)") -> Schedule:
    return Schedule(
        name="Tidy",
        function="Work",
        expression=expression,
        input=input,
        enabled=True,
        kind=kind,
    )


def test_a_rule_sends_the_event_of_eventbridge() -> None:
    event = json.loads(scheduled_event(schedule("rule"), due=MONDAY))
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-11-23T10:07:30Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/Tidy"],
        "detail": {},
    }


def test_a_schedule_sends_the_event_of_the_scheduler_or_its_input() -> None:
    event = json.loads(scheduled_event(schedule("scheduler"), due=MONDAY))
    assert (event["source"], event["detail"]) == ("aws.scheduler", "{}")
    input = '{"at": "<aws.scheduler.scheduled-time>"}'
    filled = json.loads(scheduled_event(schedule("scheduler", input=input), due=MONDAY))
    assert filled == {"at": "2026-11-23T10:07:30Z"}


class FakeHost:
    """Invocations end with the given errors, in this order."""

    def __init__(self, *outcomes: InvocationError | None) -> None:
        self.outcomes = list(outcomes)
        self.events: list[bytes] = []

    async def invoke(self, function: str, event: Mapping[str, object] | bytes) -> InvocationResult:
        assert function == "Work"
        assert isinstance(event, bytes)
        self.events.append(event)
        return InvocationResult(None, self.outcomes.pop(0), billed_ms=1, request_id="r")


async def fire(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs a schedule that is due once, immediately. Returns the lines printed."""

    def due_once(_: str, *, timezone: str, start: datetime) -> list[datetime]:
        return [start + timedelta(milliseconds=10)]

    monkeypatch.setattr(scheduler_module, "due_times", due_once)
    monkeypatch.setattr(scheduler_module, "RETRY_PAUSES", (0.01, 0.01))
    printed: list[str] = []
    scheduler = Scheduler([schedule("rule")], host=host, print_line=printed.append)  # type: ignore[arg-type]
    scheduler.start()
    async with asyncio.timeout(30):
        while host.outcomes:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await scheduler.stop()
    return printed


async def test_a_failed_invocation_is_retried_twice_with_the_same_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = FakeHost(InvocationError.UNHANDLED, InvocationError.TIMED_OUT, None)
    assert await fire(host, monkeypatch) == []
    assert len(set(host.events)) == 1


async def test_an_event_that_failed_three_times_is_reported_as_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = await fire(
        FakeHost(InvocationError.UNHANDLED, InvocationError.CRASHED, InvocationError.UNHANDLED),
        monkeypatch,
    )
    assert printed == ["Tidy: Work failed three times; its event is lost"]


async def test_a_disabled_schedule_does_not_run() -> None:
    off = Schedule("Off", "Work", "rate(1 minute)", input=None, enabled=False, kind="rule")
    scheduler = Scheduler([off], host=FakeHost(), print_line=print)  # type: ignore[arg-type]
    scheduler.start()
    await scheduler.stop()
