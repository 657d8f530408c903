"""Who looks at a stream just now: a hash in Valkey, connection → "user ends status".

A lease whose end is negative was asked for at that moment and not yet granted. Ids are short ones:
with three streams a socket is to fit 1 KB.
"""

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from cgraph.core.ids import from_short, short
from cgraph.events.streams import Stream, StreamKind


class Status(StrEnum):
    """The presence of a user. If the user's sockets differ, the first in this list counts."""

    BUSY = "busy"
    ONLINE = "online"
    AWAY = "away"


class Look(NamedTuple):
    """One socket's. `ends`: when its lease does, in seconds since 1970."""

    user: str
    ends: int
    status: str

    def __str__(self) -> str:
        return f"{self.user} {self.ends} {self.status}"


def tag(stream: Stream) -> str:
    """All of a stream is in one slot."""
    return f"{{{short(stream.id)}}}"


def focus_key(stream: Stream) -> str:
    return f"focus:{tag(stream)}"


def streams_of(record: Iterable[str]) -> list[Stream]:
    """What a socket looks at, by the fields of its record."""
    parts = (field.partition(":") for field in record)
    return [Stream(StreamKind(kind), from_short(id)) for kind, _, id in parts if id]


def field_of(stream: Stream) -> str:
    """The stream's in a socket's record."""
    return f"{stream.kind}:{short(stream.id)}"


def record_key(connection: str) -> str:
    """A socket's own hash: `who` ("user session opened-at"), `status`, and of each stream it looks
    at when the lease ends. No value is above 64 characters: Valkey would take 200 bytes more.

    Not `connection:…`: there a socket that was opened before a deployment may have left a string,
    which would be an error where it is now unknown.
    """
    return f"socket:{{{connection}}}"


def parse_looks(entries: Mapping[str, str]) -> dict[str, Look]:
    """By connection, those whose lease lasts."""
    now = time.time()
    found = {}
    for connection, text in entries.items():
        user, ends, status = text.split()
        if int(ends) > now:
            found[connection] = Look(user, int(ends), status)
    return found


def pending(user_id: UUID) -> Look:
    """Asked for now."""
    return Look(short(user_id), -int(time.time()), Status.ONLINE)


def statuses(looks: Iterable[Look]) -> dict[str, Status]:
    """By person."""
    ranks = list(Status)
    found: dict[str, Status] = {}
    for look in looks:
        said = Status(look.status)
        found[look.user] = min(said, found.get(look.user, said), key=ranks.index)
    return found
