"""Streams: what a client follows. Each durable change takes the next number of its stream in the
write transaction.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from cgraph.ids import UserId, rfc3339

FRAME_BYTES = 28_000
"""What a pushed frame has at most: below the 32 KB of an API Gateway frame."""

EVENT_BYTES = FRAME_BYTES - 40
"""One event's: with room for the batch around it."""


class StreamKind(StrEnum):
    USER = "user"
    CONVERSATION = "conv"
    FORUM = "forum"
    POST = "post"

    @property
    def is_open(self) -> bool:
        """Followed by whoever looks at it and may read it; the others by those who are in it."""
        return self in (StreamKind.FORUM, StreamKind.POST)


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


def as_pushed(frame: dict[str, Any]) -> str:
    """An event's frame as a socket carries it: what is too large is there to be fetched."""
    text = encode(frame)
    if len(text) * 4 <= EVENT_BYTES or len(text.encode()) <= EVENT_BYTES:
        return text
    told = {name: frame[name] for name in ("type", "stream", "seq", "event")}
    return encode({**told, "partial": True, "ref": ref(frame)})


def ref(frame: Mapping[str, Any]) -> str:
    """The path of the thing that an event is about."""
    kind, _, stream_id = str(frame["stream"]).partition(":")
    subject, data = str(frame["event"]).partition(".")[0], frame["data"]
    if subject == "message":
        return f"/messages/{data.get('message_id') or data['message']['id']}"
    if kind == StreamKind.CONVERSATION:
        return f"/conversations/{stream_id}"
    if subject == "conversation":
        return f"/conversations/{data.get('conversation_id') or data['conversation']['id']}"
    if kind == StreamKind.FORUM:
        return f"/posts/{data['post']['id']}" if subject == "post" else "/forums"
    if kind == StreamKind.POST:
        return (
            f"/comments/{data['comment']['id']}" if subject == "comment" else f"/posts/{stream_id}"
        )
    return "/me"


def as_batch(events: Iterable[str]) -> str:
    return '{"type":"batch","events":[' + ",".join(events) + "]}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event and the people it is for, as the database knew them when it was written.

    Of a forum or a post it is only for those of them who look; None is everybody who does.
    """

    event: Event
    audience: Sequence[UserId] | None


def encode(value: object) -> str:
    """JSON as the sockets carry it: no spaces, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
