from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from cgraph.accounts.people.models import User
from cgraph.chat.conversations.models import Conversation
from cgraph.chat.messages.models import Message
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, FrameData, Model, Seq
from cgraph.realtime.models import StreamName, _unsaid

Cursors = Annotated[dict[StreamName, Seq], Field(max_length=2000)]


class HelloRequest(FrameData):
    """The data of `hello`."""

    cursors: Cursors = Field(
        default={},
        description="The number of the last event that the client applied, for each stream.",
    )


class Hello(Model):
    """The server's answer to `hello`."""

    connection_id: str = Field(description="Identifies the socket, for support.")
    user: User = Field(description="The caller's profile.")
    heartbeat_ms: int = Field(description="Milliseconds between two `ping` frames of the client.")
    max_frame_bytes: int = Field(description="The largest frame that the client may send.")
    expires_at: Timestamp = Field(description="When the server closes the socket at the latest.")
    storm_jitter_ms: int = Field(
        description="If the socket closes without `reconnect`, wait a random time up to this many "
        "milliseconds before opening another one."
    )
    lease_ms: int = Field(
        description="Milliseconds until a subscription ends, unless it is renewed."
    )
    heads: dict[str, int] = Field(
        description="The number of the last event of the caller's own stream and of their most "
        "recently active conversations, by the stream's name."
    )
    more_heads: bool = Field(
        description="True if the caller has more conversations; `POST /sync` and "
        "`GET /conversations` return their heads."
    )


class SyncRequest(Body):
    """Which streams to catch up, and from where."""

    cursors: Cursors = Field(
        description="The number of the last event that the client applied, for each stream."
    )
    limit: int = Field(
        default=1000,
        ge=1,
        le=1000,
        description="How many events to return in all streams together.",
    )


class SocketSyncRequest(SyncRequest):
    """The data of `sync`, with so few streams that the answer fits a frame."""

    cursors: Annotated[dict[StreamName, Seq], Field(max_length=150)] = Field(
        description="The number of the last event that the client applied, for each stream."
    )


class Snapshot(Model):
    """The state of a conversation, for a client that is too far behind."""

    messages: list[Message] = Field(description="The newest messages, at most 50, oldest first.")
    unread_count: int = Field(description="How many messages the caller has not read.")
    conversation: Conversation


class StreamGap(Model):
    """What a stream had after a cursor; only `gone` where the caller may not read it."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: int | None = Field(
        default=None,
        serialization_alias="from",
        exclude_if=_unsaid,
        description="The cursor of the request.",
    )
    to: int | None = Field(
        default=None, exclude_if=_unsaid, description="The cursor after these events."
    )
    head: int | None = Field(
        default=None, exclude_if=_unsaid, description="The number of the stream's last event."
    )
    limited: bool | None = Field(
        default=None,
        exclude_if=_unsaid,
        description="True if the gap is too long or too old to be filled. Take the snapshot and go "
        "on from `to`, which is the head.",
    )
    events: list[dict[str, Any]] | None = Field(
        default=None,
        exclude_if=_unsaid,
        description="The events after `from` up to `to`, as they are pushed over the socket.",
    )
    snapshot: Snapshot | None = Field(
        default=None, exclude_if=_unsaid, description="With `limited`, for conversations."
    )
    gone: bool | None = Field(
        default=None, exclude_if=_unsaid, description="True: the caller may not read the stream."
    )


class SyncReply(Model):
    """What the streams of the request had."""

    streams: dict[str, StreamGap] = Field(description="By the stream's name.")
    next: dict[str, int] | None = Field(
        description="The cursors of the next request for what did not fit, or null."
    )


@dataclass(frozen=True, slots=True)
class StoredEvent:
    stream_id: UUID
    seq: int
    type: str
    payload: dict[str, Any]
    created_at: datetime
