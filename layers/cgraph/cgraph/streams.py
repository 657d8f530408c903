"""Streams: what a client follows. Each durable change takes the next number of its stream in the
write transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from cgraph.ids import UserId, rfc3339


class StreamKind(StrEnum):
    USER = "user"
    CONVERSATION = "conv"


@dataclass(frozen=True, slots=True)
class Stream:
    """`conv:0193…` on the wire; in the database only the id, that of the thing followed."""

    kind: StreamKind
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_stream(text: str) -> Stream:
    """Raises ValueError where `text` is not the canonical name of a stream."""
    kind, _, identifier = text.partition(":")
    stream = Stream(StreamKind(kind), UUID(identifier))
    if str(stream) != text:
        raise ValueError(f"not a stream: {text!r}")
    return stream


@dataclass(frozen=True, slots=True)
class Event:
    """A durable, numbered change. `data` is JSON-ready."""

    stream: Stream
    seq: int
    type: str
    data: dict[str, Any]
    created_at: datetime

    def as_frame(self) -> dict[str, Any]:
        """The event as protocol.md shows it to a client, over the socket and in /sync alike."""
        return {
            "type": "event",
            "stream": str(self.stream),
            "seq": self.seq,
            "event": self.type,
            "ts": rfc3339(self.created_at),
            "data": self.data,
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event and the people it is for, as the database knew them when it was written."""

    event: Event
    audience: Sequence[UserId]


def encode(value: object) -> str:
    """JSON as the sockets carry it: no spaces, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
