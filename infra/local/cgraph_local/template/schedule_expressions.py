"""EventBridge's schedule expressions: `rate(…)` and `cron(…)`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((.+)\)")
WEEKDAY_NUMBER = re.compile(r"(?<![#\d])([1-7])(?![\d])")


class InvalidScheduleExpression(ValueError):
    """EventBridge would refuse the expression."""


def due_times(expression: str, *, timezone: str, start: datetime) -> Iterator[datetime]:
    """The times after `start` at which the schedule is due, in UTC. Raises
    InvalidScheduleExpression.
    """
    if rate := RATE.fullmatch(expression):
        return _rate_times(int(rate[1]), unit=rate[2], start=start)
    if cron := CRON.fullmatch(expression):
        return _cron_times(cron[1].split(), timezone=timezone, start=start, expression=expression)
    raise InvalidScheduleExpression(f"{expression} is neither rate(…) nor cron(…)")


def _rate_times(number: int, *, unit: str, start: datetime) -> Iterator[datetime]:
    step = timedelta(**{f"{unit}s": number})
    due = start
    while True:
        due += step
        yield due


def _cron_times(
    fields: list[str], *, timezone: str, start: datetime, expression: str
) -> Iterator[datetime]:
    if len(fields) != 6:
        raise InvalidScheduleExpression(f"{expression} has not six fields")
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise InvalidScheduleExpression(
            f"{expression} needs ? in exactly one of day of month and day of week"
        )
    standard = " ".join(
        (minute, hour, _any(day), month, _weekday(_any(weekday)), "0", year),
    )
    try:
        due = croniter(standard, start.astimezone(ZoneInfo(timezone)), ret_type=datetime)
    except (CroniterError, ZoneInfoNotFoundError) as error:
        raise InvalidScheduleExpression(f"{expression}: {error}") from error
    return (time.astimezone(UTC) for time in due)


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _weekday(field: str) -> str:
    """AWS counts weekdays from Sunday = 1, cron from Sunday = 0. AWS's `6L` is croniter's `L5`."""
    if field.endswith("L") and field[:-1].isdigit():
        return f"L{int(field[:-1]) - 1}"
    return WEEKDAY_NUMBER.sub(lambda match: str(int(match[1]) - 1), field)
