"""When timers are due, and what they tell their function."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from cgraph_local.host import Error, Invocation
from cgraph_local.template import Schedule
from cgraph_local.template.schedule_expressions import BadExpression, times
from cgraph_local.triggers import scheduler
from cgraph_local.triggers.scheduler import Timers, event_of

MONDAY = datetime(2026, 11, 23, 10, 7, 30, tzinfo=UTC)


def due(expression: str, *, count: int = 3, timezone: str = "UTC") -> list[str]:
    moments = islice(times(expression, timezone=timezone, start=MONDAY), count)
    return [moment.strftime("%d %b %H:%M") for moment in moments]


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
def test_expressions_mean_what_aws_means(expression: str, expected: list[str]) -> None:
    assert due(expression, count=len(expected)) == expected


def test_cron_follows_its_time_zone_through_the_change_of_clocks() -> None:
    berlin = times(
        "cron(0 3 * * ? *)",
        timezone="Europe/Berlin",
        start=datetime(2026, 3, 28, 0, tzinfo=UTC),
    )
    assert [moment.hour for moment in islice(berlin, 2)] == [2, 1]


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
def test_what_aws_would_refuse_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        times(expression, timezone="UTC", start=MONDAY)
    with pytest.raises(BadExpression):
        times("cron(0 0 * * ? *)", timezone="Atlantis/Capital", start=MONDAY)


def schedule(kind: str, *, given: str | None = None, expression: str = "rate(1 day)") -> Schedule:
    return Schedule(
        name="Tidy",
        function="Work",
        expression=expression,
        input=given,
        enabled=True,
        kind=kind,
    )


def test_a_rule_sends_the_event_of_eventbridge() -> None:
    event = json.loads(event_of(schedule("rule"), due=MONDAY))
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
    event = json.loads(event_of(schedule("scheduler"), due=MONDAY))
    assert (event["source"], event["detail"]) == ("aws.scheduler", "{}")
    given = '{"at": "<aws.scheduler.scheduled-time>"}'
    filled = json.loads(event_of(schedule("scheduler", given=given), due=MONDAY))
    assert filled == {"at": "2026-11-23T10:07:30Z"}


class Host:
    def __init__(self, *outcomes: Error | None) -> None:
        self.outcomes = list(outcomes)
        self.events: list[bytes] = []

    async def invoke(self, function: str, event: Mapping[str, object] | bytes) -> Invocation:
        assert function == "Work"
        assert isinstance(event, bytes)
        self.events.append(event)
        return Invocation(None, self.outcomes.pop(0), billed_ms=1, request_id="r")


async def fire(host: Host, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A timer that is due at once, and once."""

    def once(_: str, *, timezone: str, start: datetime) -> list[datetime]:
        return [start + timedelta(milliseconds=10)]

    monkeypatch.setattr(scheduler, "times", once)
    monkeypatch.setattr(scheduler, "RETRY_PAUSES", (0.01, 0.01))
    said: list[str] = []
    running = Timers([schedule("rule")], host=host, say=said.append)  # type: ignore[arg-type]
    running.start()
    async with asyncio.timeout(5):
        while host.outcomes:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await running.stop()
    return said


async def test_a_failure_is_tried_twice_more_as_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(Error.UNHANDLED, Error.TIMED_OUT, None)
    assert await fire(host, monkeypatch) == []
    assert len(set(host.events)) == 1


async def test_three_failures_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await fire(Host(Error.UNHANDLED, Error.CRASHED, Error.UNHANDLED), monkeypatch)
    assert said == ["Tidy: Work failed three times; its event is lost"]


async def test_what_is_switched_off_does_not_run() -> None:
    off = Schedule("Off", "Work", "rate(1 minute)", input=None, enabled=False, kind="rule")
    running = Timers([off], host=Host(), say=print)  # type: ignore[arg-type]
    running.start()
    await running.stop()
