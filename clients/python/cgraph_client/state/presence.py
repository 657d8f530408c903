"""Who is present and who is typing in one stream. Ephemeral: it expires and is never replayed.

`now` is in seconds, of any clock that only goes forward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import Change, Event, PresenceSnapshot

TYPING_SECONDS = 6.0
PRESENCE_SECONDS = 600.0
OVERTAKEN_SECONDS = 0.5
"""Pushes come in any order: for so long after a message of a user, `typing.started` is taken for
what they typed before it."""


@dataclass(frozen=True, slots=True)
class PresentUser:
    """`status`: `online`, `away` or `busy`. Without news until `expires_at` the user is offline."""

    status: str
    expires_at: float


@dataclass(slots=True)
class Presence:
    """`users`: who is present, by id. `count`: how many are present, which is more where the server
    does not name all. `typing`: when it ends, by user id. `unnamed_typing`: how many more are
    typing. `readers` members have read up to number `read_seq`: all that the server sends of large
    groups. `sent_at`: when the last message of each user came."""

    users: dict[str, PresentUser] = field(default_factory=dict)
    count: int = 0
    typing: dict[str, float] = field(default_factory=dict)
    unnamed_typing: int = 0
    read_seq: int = 0
    readers: int = 0
    sent_at: dict[str, float] = field(default_factory=dict)

    def apply(self, change: Change, *, now: float) -> bool:
        """Returns whether the change is about presence."""
        match change:
            case PresenceSnapshot(_, statuses, count):
                expires_at = now + PRESENCE_SECONDS
                self.users = {
                    user_id: PresentUser(status, expires_at) for user_id, status in statuses.items()
                }
                self.count = count
            case Event() if change.event in _HANDLERS:
                handler, expires_at = _HANDLERS[change.event], _expiry(change, now)
                parse(lambda data: handler(self, data, now, expires_at), change.data)
            case _:
                return False
        return True

    def expire(self, *, now: float) -> float | None:
        """Removes what has expired. Returns when to call it again, None where nothing is left."""
        self.typing = {
            user_id: expires_at for user_id, expires_at in self.typing.items() if expires_at > now
        }
        if not self.typing:
            self.unnamed_typing = 0
        expired = [user_id for user_id, user in self.users.items() if user.expires_at <= now]
        for user_id in expired:
            self._set_status(user_id, "offline", now)
        times = [*self.typing.values(), *(user.expires_at for user in self.users.values())]
        return min(times, default=None)

    def _apply_presence(self, data: Mapping[str, Any], now: float, expires_at: float) -> None:
        for user in data["people"]:
            self._set_status(user["user_id"], user["status"], expires_at)

    def _apply_typing_started(self, data: Mapping[str, Any], now: float, expires_at: float) -> None:
        for user_id in data["user_ids"]:
            if now - self.sent_at.get(user_id, float("-inf")) >= OVERTAKEN_SECONDS:
                self.typing[user_id] = expires_at
        self.unnamed_typing = data["count"] - len(data["user_ids"])

    def _apply_typing_stopped(self, data: Mapping[str, Any], now: float, _: float) -> None:
        for user_id in data["user_ids"]:
            self.typing.pop(user_id, None)

    def _apply_message(self, data: Mapping[str, Any], now: float, _: float) -> None:
        author_id = data["message"]["author_id"]
        self.sent_at[author_id] = now
        self.typing.pop(author_id, None)

    def _apply_removal(self, data: Mapping[str, Any], now: float, _: float) -> None:
        self.typing.pop(data["user_id"], None)
        self._set_status(data["user_id"], "offline", now)

    def _apply_receipt_count(self, data: Mapping[str, Any], now: float, _: float) -> None:
        self.read_seq, self.readers = data["seq"], data["readers"]

    def _set_status(self, user_id: str, status: str, expires_at: float) -> None:
        was_present = self.users.pop(user_id, None) is not None
        if status != "offline":
            self.users[user_id] = PresentUser(status, expires_at)
        self.count += (status != "offline") - was_present
        self.count = max(self.count, len(self.users))


_HANDLERS: dict[str, Callable[[Presence, Mapping[str, Any], float, float], None]] = {
    "presence.changed": Presence._apply_presence,
    "typing.started": Presence._apply_typing_started,
    "typing.stopped": Presence._apply_typing_stopped,
    "message.created": Presence._apply_message,
    "member.removed": Presence._apply_removal,
    "receipts.counted": Presence._apply_receipt_count,
}


def _expiry(event: Event, now: float) -> float:
    default = PRESENCE_SECONDS if event.event == "presence.changed" else TYPING_SECONDS
    return now + (default if event.ttl_ms is None else event.ttl_ms / 1000)
