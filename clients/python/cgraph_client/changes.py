"""What a subscription tells: events, and what stands in for them where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cgraph_client.models import Conversation, Message
from cgraph_client.reading import Document, read, read_all, read_if_there


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a stream. Ephemeral ones (typing) have no `seq` and a `ttl_ms`.

    A `partial` one was too large to push and says only that it is there. A subscription tells it
    whole: it takes it from the log, as it was when it happened (`ref` shows how the thing is now).
    """

    stream: str
    event: str
    seq: int | None = None
    ts: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    ttl_ms: int | None = None
    partial: bool = False
    ref: str | None = None

    @classmethod
    def read(cls, document: Document) -> Event:
        ts = document.get("ts")
        return cls(
            stream=document["stream"],
            event=document["event"],
            seq=document.get("seq"),
            ts=None if ts is None else datetime.fromisoformat(ts),
            data=document.get("data") or {},
            ttl_ms=document.get("ttl_ms"),
            partial=document.get("partial", False),
            ref=document.get("ref"),
        )

    @property
    def message(self) -> Message | None:
        """The message of `message.created`, `message.updated` and `message.deleted`."""
        document = self.data.get("message")
        return None if document is None else read(Message.read, document)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stream ran too far ahead to replay: this is how it stands at `head`.

    What was known of the stream before is not wrong, but events between it and this are not told.
    """

    stream: str
    head: int
    messages: tuple[Message, ...] = ()
    unread_count: int | None = None
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The stream is no longer for this person to see."""

    stream: str


@dataclass(frozen=True, slots=True)
class Following:
    """A stream is followed from here on; what happened up to `seq` is not told."""

    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class Present:
    """Who looks at a stream in focus, told when it comes into focus and from time to time again;
    what changes in between is `presence.changed`. `people`: their status by id, `count` of them in
    all."""

    stream: str
    people: Mapping[str, str]
    count: int

    @classmethod
    def read(cls, stream: str, document: Document) -> Present:
        people = {person["user_id"]: person["status"] for person in document["present"]}
        return cls(stream, people, document["present_count"])


Change = Event | Snapshot | Gone | Following | Present


def advance(cursors: dict[str, int], change: Change) -> None:
    """Moves the cursors to where someone stands who has seen this change."""
    match change:
        case Gone(stream):
            cursors.pop(stream, None)
        case Following(stream, seq) | Snapshot(stream, seq):
            cursors[stream] = seq
        case Event(stream, _, int(seq)):
            cursors[stream] = seq


@dataclass(frozen=True, slots=True)
class StreamPart:
    """The answer of `POST /sync` for one stream."""

    events: tuple[Event, ...] = ()
    head: int = 0
    to: int = 0
    limited: bool = False
    gone: bool = False
    messages: tuple[Message, ...] = ()
    unread_count: int | None = None
    conversation: Conversation | None = None

    @classmethod
    def read(cls, document: Document) -> StreamPart:
        if document.get("gone"):
            return cls(gone=True)
        snapshot = document.get("snapshot") or {}
        return cls(
            events=read_all(Event.read, document.get("events")),
            head=document["head"],
            to=document["to"],
            limited=document.get("limited", False),
            messages=read_all(Message.read, snapshot.get("messages")),
            unread_count=snapshot.get("unread_count"),
            conversation=read_if_there(Conversation.read, snapshot.get("conversation")),
        )


@dataclass(frozen=True, slots=True)
class CatchUp:
    """`next` holds the cursors to send again, for what did not fit."""

    streams: Mapping[str, StreamPart]
    next: Mapping[str, int]

    @classmethod
    def read(cls, document: Document) -> CatchUp:
        parts = {name: read(StreamPart.read, part) for name, part in document["streams"].items()}
        return cls(parts, document.get("next") or {})
