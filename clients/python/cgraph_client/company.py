"""Who is here and who is typing: what is told in passing, holds for a while and is never replayed.

Times are seconds of any clock that only goes forward. Nothing is asked and nothing awaited here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cgraph_client.changes import Change, Event, Present
from cgraph_client.reading import read

TYPING_SECONDS = 6.0
PRESENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Here:
    """`status`: `online`, `away` or `busy`; `until` they are heard of again, or are gone."""

    status: str
    until: float


@dataclass(slots=True)
class Company:
    """Of one stream. `count`: how many are here, more than are named where they are many.
    `readers` have read up to the number `read_seq`: of large groups only that is told."""

    people: dict[str, Here] = field(default_factory=dict)
    count: int = 0
    typing: dict[str, float] = field(default_factory=dict)
    others_typing: int = 0
    read_seq: int = 0
    readers: int = 0

    def apply(self, change: Change, *, now: float) -> bool:
        """Whether it told anything of this."""
        match change:
            case Present(_, people, count):
                until = now + PRESENCE_SECONDS
                self.people = {user_id: Here(status, until) for user_id, status in people.items()}
                self.count = count
            case Event() if change.event in _TAKEN:
                read(
                    lambda data: _TAKEN[change.event](self, data, _until(change, now)), change.data
                )
            case _:
                return False
        return True

    def _take_presence(self, data: Mapping[str, Any], until: float) -> None:
        for person in data["people"]:
            self._take_person(person["user_id"], person["status"], until)

    def _take_typing(self, data: Mapping[str, Any], until: float) -> None:
        self.typing |= dict.fromkeys(data["user_ids"], until)
        self.others_typing = data["count"] - len(data["user_ids"])

    def _take_stopped(self, data: Mapping[str, Any], _: float) -> None:
        for user_id in data["user_ids"]:
            self.typing.pop(user_id, None)

    def _take_said(self, data: Mapping[str, Any], _: float) -> None:
        self.typing.pop(data["message"]["author_id"], None)

    def _take_readers(self, data: Mapping[str, Any], _: float) -> None:
        self.read_seq, self.readers = data["seq"], data["readers"]

    def expire(self, *, now: float) -> float | None:
        """Forgets what no longer holds; when to ask again."""
        self.typing = {user_id: until for user_id, until in self.typing.items() if until > now}
        if not self.typing:
            self.others_typing = 0
        for user_id in [user_id for user_id, here in self.people.items() if here.until <= now]:
            self._take_person(user_id, "offline", now)
        ends = [*self.typing.values(), *(here.until for here in self.people.values())]
        return min(ends, default=None)

    def _take_person(self, user_id: str, status: str, until: float) -> None:
        was_here = self.people.pop(user_id, None) is not None
        if status != "offline":
            self.people[user_id] = Here(status, until)
        self.count += (status != "offline") - was_here
        self.count = max(self.count, len(self.people))


_TAKEN: dict[str, Callable[[Company, Mapping[str, Any], float], None]] = {
    "presence.changed": Company._take_presence,
    "typing.started": Company._take_typing,
    "typing.stopped": Company._take_stopped,
    "message.created": Company._take_said,
    "receipts.counted": Company._take_readers,
}


def _until(event: Event, now: float) -> float:
    usual = PRESENCE_SECONDS if event.event == "presence.changed" else TYPING_SECONDS
    return now + (usual if event.ttl_ms is None else event.ttl_ms / 1000)
