"""The schedules of a stack, each fired when it is due."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from cgraph_local.core.background_tasks import Tasks
from cgraph_local.host import LambdaHost
from cgraph_local.template import Schedule
from cgraph_local.template.schedule_expressions import times
from cgraph_local.template.stack_context import ACCOUNT, REGION

RETRY_PAUSES = (60.0, 120.0)
"""What Lambda waits before it tries an asynchronous event again, and again."""


class Timers:
    def __init__(
        self, schedules: Iterable[Schedule], *, host: LambdaHost, say: Callable[[str], None]
    ) -> None:
        self._schedules = [schedule for schedule in schedules if schedule.enabled]
        self._host = host
        self._say = say
        self._tasks = Tasks(say)

    def start(self) -> None:
        for schedule in self._schedules:
            self._tasks.spawn(self._run(schedule), name=schedule.name)

    async def stop(self) -> None:
        await self._tasks.cancel()

    async def _run(self, schedule: Schedule) -> None:
        now = datetime.now(UTC)
        for due in times(schedule.expression, timezone=schedule.timezone, start=now):
            wait = (due - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(wait, 0.0))
            self._tasks.spawn(self._fire(schedule, due=due), name=schedule.name)

    async def _fire(self, schedule: Schedule, *, due: datetime) -> None:
        event = event_of(schedule, due=due)
        for pause in (*RETRY_PAUSES, None):
            invocation = await self._host.invoke(schedule.function, event)
            if invocation.error is None:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        self._say(f"{schedule.name}: {schedule.function} failed three times; its event is lost")


def event_of(schedule: Schedule, *, due: datetime) -> bytes:
    """The schedule's own input, or the event AWS sends."""
    moment = due.strftime("%Y-%m-%dT%H:%M:%SZ")
    rule = schedule.kind == "rule"
    arn = (
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{schedule.name}"
        if rule
        else f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{schedule.name}"
    )
    identity = str(uuid4())
    if schedule.input is not None:
        return _fill(schedule.input, arn=arn, moment=moment, identity=identity).encode()
    return orjson.dumps(
        {
            "version": "0",
            "id": identity,
            "detail-type": "Scheduled Event",
            "source": "aws.events" if rule else "aws.scheduler",
            "account": ACCOUNT,
            "time": moment,
            "region": REGION,
            "resources": [arn],
            "detail": {} if rule else "{}",
        }
    )


def _fill(text: str, *, arn: str, moment: str, identity: str) -> str:
    """EventBridge Scheduler's context attributes."""
    for name, value in (
        ("schedule-arn", arn),
        ("scheduled-time", moment),
        ("execution-id", identity),
        ("attempt-number", "1"),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
