"""When each stream is to be synced."""

from __future__ import annotations


class SyncSchedule:
    """Times are in seconds, of any clock that only goes forward."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}

    def sync_by(self, stream: str, time: float) -> None:
        """Schedules a sync, unless an earlier one is scheduled."""
        self._times[stream] = min(self._times.get(stream, time), time)

    def cancel(self, stream: str) -> None:
        self._times.pop(stream, None)

    def due(self, now: float) -> list[str]:
        return [stream for stream, time in self._times.items() if time <= now]

    def next_time(self) -> float | None:
        return min(self._times.values(), default=None)
