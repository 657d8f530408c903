from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from cgraph.accounts.people.models import User
from cgraph.chat.conversations.models import Conversation
from cgraph.chat.messages.models import Message
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Seq, is_none
from cgraph.notifications.inbox.models import Badge
from cgraph.realtime.models import StreamHead, StreamName

Cursors = Annotated[dict[StreamName, Seq], Field(max_length=2000)]


class HelloRequest(Body):
    """The data of the client's `hello` frame."""

    cursors: Cursors = Field(
        default={}, description="The last number that the client has applied in each stream."
    )


class Hello(Model):
    """The server's answer to `hello`."""

    connection_id: str = Field(description="Identifies the socket.")
    user: User = Field(description="The user of the session.")
    heartbeat_ms: int = Field(description="Milliseconds between two `ping` frames of the client.")
    max_frame_bytes: int = Field(description="The size of the largest frame the server accepts.")
    expires_at: Timestamp = Field(description="When the socket ends at the latest.")
    storm_jitter_ms: int = Field(
        description="Where the socket ends unexpectedly, wait a random time up to this, in "
        "milliseconds, before the next one is opened."
    )
    lease_ms: int = Field(
        description="Milliseconds until a subscription ends, unless the client subscribes again."
    )
    heads: dict[str, int] = Field(
        description="The number of the last event of the user's own stream and of the most "
        "recently active conversations."
    )
    badge: Badge = Field(description="How many notifications wait for the user.")
    more_heads: bool = Field(
        description="Whether there are more conversations, whose heads `POST /sync` and "
        "`GET /conversations` show."
    )


class SyncRequest(Body):
    """Which streams to catch up, and from where."""

    cursors: Cursors = Field(
        description="The last number that the client has applied in each stream; 0 for none."
    )
    limit: int = Field(
        default=1000,
        ge=1,
        le=1000,
        description="How many events to return at most, of all streams together.",
    )


class SocketSyncRequest(SyncRequest):
    """As `POST /sync`, for so few streams that the answer fits a frame."""

    cursors: Annotated[dict[StreamName, Seq], Field(max_length=150)] = Field(
        description="The last number that the client has applied in each stream; 0 for none."
    )


class Snapshot(Model):
    """The state of a conversation, from which a client goes on where events are missing."""

    messages: list[Message] = Field(description="The newest 50, oldest first.")
    unread_count: int = Field(description="How many messages the caller has not read.")
    conversation: Conversation


class StreamGap(Model):
    """The events of one stream after the client's cursor."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: int | None = Field(
        default=None,
        serialization_alias="from",
        exclude_if=is_none,
        description="The client's cursor.",
    )
    to: int | None = Field(
        default=None, exclude_if=is_none, description="The number to go on from after this answer."
    )
    head: int | None = Field(
        default=None, exclude_if=is_none, description="The number of the stream's last event."
    )
    limited: bool | None = Field(
        default=None,
        exclude_if=is_none,
        description="True where the gap is too long or too old for events: take the snapshot, or "
        "read the thing anew, and go on from `to`, which is the head.",
    )
    events: list[dict[str, Any]] | None = Field(
        default=None, exclude_if=is_none, description="In order, without gaps."
    )
    snapshot: Snapshot | None = Field(
        default=None, exclude_if=is_none, description="Of a conversation whose gap is limited."
    )
    gone: bool | None = Field(
        default=None,
        exclude_if=is_none,
        description="True where the caller may not read the stream; then nothing else is there.",
    )


class SyncReply(Model):
    """What the streams of the request had."""

    streams: dict[str, StreamGap] = Field(description="By the name of the stream.")
    next: dict[str, int] | None = Field(
        description="The cursors of the next request where something did not fit, else null."
    )


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """`history_after`: the number up to which a conversation is hidden from the reader; None for
    other streams, and if the reader is no longer a member.
    """

    stream_id: UUID
    seq: int
    type: str
    payload: dict[str, Any]
    created_at: datetime
    history_after: int | None = None


@dataclass(frozen=True, slots=True)
class GreetingRow:
    """What a new socket begins with: the user, their badge, and ids, kinds and heads of streams in
    arrays.
    """

    user: dict[str, Any]
    unread: int
    unseen: int
    ids: list[UUID]
    kinds: list[str]
    heads: list[int]

    def stream_heads(self) -> list[StreamHead]:
        return list(map(StreamHead, self.ids, self.kinds, self.heads))
