"""`rate(…)` and `cron(…)`, as EventBridge writes them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((.+)\)")
WEEKDAY_NUMBER = re.compile(r"(?<![#\d])([1-7])(?![\d])")


class BadExpression(ValueError):
    """Not an expression EventBridge would take."""


def times(expression: str, *, timezone: str, start: datetime) -> Iterator[datetime]:
    """When it is due, in UTC, from `start` on."""
    if rate := RATE.fullmatch(expression):
        return _by_rate(int(rate[1]), unit=rate[2], start=start)
    if cron := CRON.fullmatch(expression):
        return _by_cron(cron[1].split(), timezone=timezone, start=start, whole=expression)
    raise BadExpression(f"{expression} is neither rate(…) nor cron(…)")


def _by_rate(number: int, *, unit: str, start: datetime) -> Iterator[datetime]:
    step = timedelta(**{f"{unit}s": number})
    due = start
    while True:
        due += step
        yield due


def _by_cron(
    fields: list[str], *, timezone: str, start: datetime, whole: str
) -> Iterator[datetime]:
    if len(fields) != 6:
        raise BadExpression(f"{whole} has not six fields")
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise BadExpression(f"{whole} needs ? in exactly one of day of month and day of week")
    standard = " ".join(
        (minute, hour, _any(day), month, _weekday(_any(weekday)), "0", year),
    )
    try:
        due = croniter(standard, start.astimezone(ZoneInfo(timezone)), ret_type=datetime)
    except (CroniterError, ZoneInfoNotFoundError) as error:
        raise BadExpression(f"{whole}: {error}") from error
    return (moment.astimezone(UTC) for moment in due)


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _weekday(field: str) -> str:
    """AWS counts from Sunday = 1, cron from Sunday = 0; `6L` is cron's `L5`."""
    if field.endswith("L") and field[:-1].isdigit():
        return f"L{int(field[:-1]) - 1}"
    return WEEKDAY_NUMBER.sub(lambda match: str(int(match[1]) - 1), field)
