"""Who is here and who is typing: what is told in passing, holds for a while and is never replayed.

Times are seconds of any clock that only goes forward. Nothing is asked and nothing awaited here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cgraph_client.changes import Change, Event, Present

TYPING_SECONDS = 6.0
PRESENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Here:
    """`status`: `online`, `away` or `busy`; `until` they are heard of again, or are gone."""

    status: str
    until: float


@dataclass(slots=True)
class Company:
    """Of one stream. `count`: how many are here, more than are named where they are many."""

    people: dict[str, Here] = field(default_factory=dict)
    count: int = 0
    typing: dict[str, float] = field(default_factory=dict)
    others_typing: int = 0

    def apply(self, change: Change, *, now: float) -> bool:
        """Whether it told anything of this."""
        match change:
            case Present(_, people, count):
                until = now + PRESENCE_SECONDS
                self.people = {user_id: Here(status, until) for user_id, status in people.items()}
                self.count = count
            case Event(event="presence.changed", data={"people": people}):
                for person in people:
                    self._take_person(person["user_id"], person["status"], _until(change, now))
            case Event(event="typing.started", data={"user_ids": user_ids, "count": count}):
                self.typing |= dict.fromkeys(user_ids, _until(change, now))
                self.others_typing = count - len(user_ids)
            case Event(event="typing.stopped", data={"user_ids": user_ids}):
                for user_id in user_ids:
                    self.typing.pop(user_id, None)
            case Event(event="message.created", message=message) if message is not None:
                self.typing.pop(message.author_id, None)
            case _:
                return False
        return True

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


def _until(event: Event, now: float) -> float:
    usual = PRESENCE_SECONDS if event.event == "presence.changed" else TYPING_SECONDS
    return now + (usual if event.ttl_ms is None else event.ttl_ms / 1000)
