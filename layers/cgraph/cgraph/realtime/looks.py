"""Who looks at a stream just now: a hash in Valkey, connection → "user ends status".

A lease whose end is negative was asked for at that moment and not yet granted.
"""

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Status(StrEnum):
    """What a person says of themselves; of several sockets the first of these counts."""

    BUSY = "busy"
    ONLINE = "online"
    AWAY = "away"


class Look(NamedTuple):
    """One socket's. `ends`: when its lease does, in seconds since 1970."""

    user_id: str
    ends: int
    status: str

    def __str__(self) -> str:
        return f"{self.user_id} {self.ends} {self.status}"


def focus_key(stream: UUID) -> str:
    return f"focus:{{{stream}}}"


def record_key(connection: str) -> str:
    """A socket's own hash: `who` ("user session opened-at"), `status`, and of each stream it looks
    at when the lease ends. No value is above 64 characters: Valkey would take 200 bytes more.
    """
    return f"connection:{{{connection}}}"


def parse_looks(entries: Mapping[str, str]) -> dict[str, Look]:
    """By connection, those whose lease lasts."""
    now = time.time()
    found = {}
    for connection, text in entries.items():
        user_id, ends, status = text.split()
        if int(ends) > now:
            found[connection] = Look(user_id, int(ends), status)
    return found


def pending(user_id: UUID) -> Look:
    """Asked for now."""
    return Look(str(user_id), -int(time.time()), Status.ONLINE)


def statuses(looks: Iterable[Look]) -> dict[str, Status]:
    """By person."""
    ranks = list(Status)
    found: dict[str, Status] = {}
    for look in looks:
        said = Status(look.status)
        found[look.user_id] = min(said, found.get(look.user_id, said), key=ranks.index)
    return found
