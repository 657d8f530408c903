"""Who is subscribed to a stream: a hash in Valkey, connection id → "user expires status".

A subscription lives for a lease. While access is being checked, the subscriber is reserved: its
expiry is the negative of the time at which the reservation was made. Ids are short ones, so that a
socket with three subscriptions fits 1 KB.
"""

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from cgraph.core.ids import from_short, short
from cgraph.events.streams import Stream, StreamKind


class Status(StrEnum):
    """What users say of themselves; of several sockets of one user the first of these counts."""

    BUSY = "busy"
    ONLINE = "online"
    AWAY = "away"


class Subscriber(NamedTuple):
    """One socket's subscription. `user`: a short id. `expires`: seconds since 1970."""

    user: str
    expires: int
    status: str

    def __str__(self) -> str:
        return f"{self.user} {self.expires} {self.status}"


def hash_tag(stream: Stream) -> str:
    """All keys of a stream are in one slot."""
    return f"{{{short(stream.id)}}}"


def subscribers_key(stream: Stream) -> str:
    return f"subs:{hash_tag(stream)}"


def subscribed_streams(fields: Iterable[str]) -> list[Stream]:
    """The streams that a socket is subscribed to, by the fields of its own hash."""
    parts = (field.partition(":") for field in fields)
    return [Stream(StreamKind(kind), from_short(id)) for kind, _, id in parts if id]


def stream_field(stream: Stream) -> str:
    """The field of a stream in a socket's own hash."""
    return f"{stream.kind}:{short(stream.id)}"


def socket_key(connection: str) -> str:
    """A socket's own hash: `who` ("user session opened-at"), `status`, and for each stream it is
    subscribed to the end of the lease. No value is above 64 characters: Valkey would take 200 bytes
    more.
    """
    return f"socket:{{{connection}}}"


def parse_subscribers(entries: Mapping[str, str]) -> dict[str, Subscriber]:
    """By connection id, those whose lease has not ended."""
    now = time.time()
    subscribers = {}
    for connection, text in entries.items():
        user, expires, status = text.split()
        if int(expires) > now:
            subscribers[connection] = Subscriber(user, int(expires), status)
    return subscribers


def reserved_subscriber(user_id: UUID) -> Subscriber:
    return Subscriber(short(user_id), -int(time.time()), Status.ONLINE)


def status_by_user(subscribers: Iterable[Subscriber]) -> dict[str, Status]:
    """By short user id."""
    ranks = list(Status)
    statuses: dict[str, Status] = {}
    for subscriber in subscribers:
        status = Status(subscriber.status)
        best = statuses.get(subscriber.user, status)
        statuses[subscriber.user] = min(status, best, key=ranks.index)
    return statuses
