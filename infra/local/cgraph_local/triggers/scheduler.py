"""Invokes the functions of schedules when they are due."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from cgraph_local.core.background_tasks import BackgroundTasks
from cgraph_local.host import LambdaHost
from cgraph_local.template import Schedule
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID, REGION
from cgraph_local.template.schedule_expressions import due_times

RETRY_PAUSES = (60.0, 120.0)
"""Seconds that Lambda waits before the first and the second retry of an asynchronous invocation."""


class Scheduler:
    def __init__(
        self, schedules: Iterable[Schedule], *, host: LambdaHost, print_line: Callable[[str], None]
    ) -> None:
        self._schedules = [schedule for schedule in schedules if schedule.enabled]
        self._host = host
        self._print_line = print_line
        self._tasks = BackgroundTasks(print_line)

    def start(self) -> None:
        for schedule in self._schedules:
            self._tasks.spawn(self._run(schedule), name=schedule.name)

    async def stop(self) -> None:
        await self._tasks.cancel()

    async def _run(self, schedule: Schedule) -> None:
        now = datetime.now(UTC)
        for due in due_times(schedule.expression, timezone=schedule.timezone, start=now):
            wait = (due - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(wait, 0.0))
            self._tasks.spawn(self._fire(schedule, due=due), name=schedule.name)

    async def _fire(self, schedule: Schedule, *, due: datetime) -> None:
        event = scheduled_event(schedule, due=due)
        for pause in (*RETRY_PAUSES, None):
            result = await self._host.invoke(schedule.function, event)
            if result.error is None:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        self._print_line(
            f"{schedule.name}: {schedule.function} failed three times; its event is lost"
        )


def scheduled_event(schedule: Schedule, *, due: datetime) -> bytes:
    """The input of the schedule, or else the event that AWS sends. As JSON."""
    scheduled_time = due.strftime("%Y-%m-%dT%H:%M:%SZ")
    is_rule = schedule.kind == "rule"
    arn = (
        f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{schedule.name}"
        if is_rule
        else f"arn:aws:scheduler:{REGION}:{ACCOUNT_ID}:schedule/default/{schedule.name}"
    )
    event_id = str(uuid4())
    if schedule.input is not None:
        return _fill_attributes(
            schedule.input, arn=arn, scheduled_time=scheduled_time, execution_id=event_id
        ).encode()
    return orjson.dumps(
        {
            "version": "0",
            "id": event_id,
            "detail-type": "Scheduled Event",
            "source": "aws.events" if is_rule else "aws.scheduler",
            "account": ACCOUNT_ID,
            "time": scheduled_time,
            "region": REGION,
            "resources": [arn],
            "detail": {} if is_rule else "{}",
        }
    )


def _fill_attributes(text: str, *, arn: str, scheduled_time: str, execution_id: str) -> str:
    """Replaces EventBridge Scheduler's context attributes."""
    for name, value in (
        ("schedule-arn", arn),
        ("scheduled-time", scheduled_time),
        ("execution-id", execution_id),
        ("attempt-number", "1"),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
