"""Changes: what a realtime connection yields. Events, and what replaces events where there are
none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cgraph_client.core.parsing import JsonObject, parse
from cgraph_client.models.conversations import Conversation
from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.messages import Message

USER_STREAM = "user:"
CONVERSATION_STREAM = "conv:"


@dataclass(frozen=True, slots=True)
class Event(JsonModel):
    """Something that happened in a stream. Ephemeral events (typing, for example) have no `seq`
    and a `ttl_ms`, the milliseconds for which they are valid.

    A `partial` event was too large to push and carries no data. A connection never yields one: it
    fetches the event from the server's log, as it was when it happened. `ref` is the path of the
    object as it is now.
    """

    stream: str
    event: str
    seq: int | None = None
    ts: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    ttl_ms: int | None = None
    partial: bool = False
    ref: str | None = None

    @property
    def message(self) -> Message | None:
        """The message of `message.created`, `message.updated` and `message.deleted`."""
        document = self.data.get("message")
        return None if document is None else parse(Message.from_json, document)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a stream at its event number `head`. It comes where the client is too far
    behind for a replay: the events between the last known one and `head` are skipped."""

    stream: str
    head: int
    messages: tuple[Message, ...] = ()
    unread_count: int | None = None
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class StreamAdded:
    """The client follows a further stream. Events up to number `seq` are not yielded."""

    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class StreamRemoved:
    """The user has lost access to the stream."""

    stream: str


@dataclass(frozen=True, slots=True)
class PresenceSnapshot:
    """Who is present in a subscribed stream. It comes when the subscription begins and whenever it
    is renewed; `presence.changed` events come in between. `statuses`: by user id. `count`: how many
    are present in all, which may be more than have a status here."""

    stream: str
    statuses: Mapping[str, str]
    count: int

    @classmethod
    def from_json(cls, stream: str, document: JsonObject) -> PresenceSnapshot:
        statuses = {user["user_id"]: user["status"] for user in document["present"]}
        return cls(stream, statuses, document["present_count"])


Change = Event | Snapshot | StreamAdded | StreamRemoved | PresenceSnapshot


def advance_cursors(cursors: dict[str, int], change: Change) -> None:
    """Updates the cursors (event numbers by stream) in place to the position after this change."""
    match change:
        case StreamRemoved(stream):
            cursors.pop(stream, None)
        case StreamAdded(stream, seq) | Snapshot(stream, seq):
            cursors[stream] = seq
        case Event(stream, _, int(seq)):
            cursors[stream] = seq
