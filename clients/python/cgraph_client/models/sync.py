"""The answer of `POST /sync`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cgraph_client.core.parsing import JsonObject, parse_all, parse_optional
from cgraph_client.models.changes import Event
from cgraph_client.models.conversations import Conversation
from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.messages import Message


@dataclass(frozen=True, slots=True)
class StreamSync:
    """The answer for one stream: `events` up to number `to` of `head`. `limited`: too many are
    missing, so `messages`, `unread_count` and `conversation` are a snapshot at `head` instead.
    `gone`: the caller has no access to the stream."""

    events: tuple[Event, ...] = ()
    head: int = 0
    to: int = 0
    limited: bool = False
    gone: bool = False
    messages: tuple[Message, ...] = ()
    unread_count: int | None = None
    conversation: Conversation | None = None

    @classmethod
    def from_json(cls, document: JsonObject) -> StreamSync:
        if document.get("gone"):
            return cls(gone=True)
        snapshot = document.get("snapshot") or {}
        return cls(
            events=parse_all(Event.from_json, document.get("events")),
            head=document["head"],
            to=document["to"],
            limited=document.get("limited", False),
            messages=parse_all(Message.from_json, snapshot.get("messages")),
            unread_count=snapshot.get("unread_count"),
            conversation=parse_optional(Conversation.from_json, snapshot.get("conversation")),
        )


@dataclass(frozen=True, slots=True)
class SyncResult(JsonModel):
    """The answer for each stream. `next`: the cursors to send again, for what did not fit."""

    streams: Mapping[str, StreamSync]
    next: Mapping[str, int] = field(default_factory=dict)
