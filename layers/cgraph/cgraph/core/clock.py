"""Time: UTC in whole milliseconds, which is what the API shows."""

import time
from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def rfc3339(at: datetime) -> str:
    """UTC with milliseconds and Z: 2026-11-23T07:00:00.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


def now() -> datetime:
    """UTC, in whole milliseconds."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, tz=UTC)
