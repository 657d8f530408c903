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
    """The data of the client's `hello`: how far it is in each stream it follows."""

    cursors: Cursors = Field(default={})


class Hello(Model):
    """The server's answer: who and where the client is, and the heads of its streams.

    `heads` has the person's own stream and their most recently active conversations; `more_heads`
    says there are others, whose heads `POST /sync` and `GET /conversations` show.

    `storm_jitter_ms`: where the socket ends unasked, wait a random time up to this before the next.
    `lease_ms`: how long a stream stays in focus unless it is subscribed to again.
    """

    connection_id: str
    user: User
    heartbeat_ms: int
    max_frame_bytes: int
    expires_at: Timestamp
    storm_jitter_ms: int
    lease_ms: int
    heads: dict[str, int]
    more_heads: bool


class SyncRequest(Body):
    """`cursors`: the last number applied in each stream. `limit`: events in all."""

    cursors: Cursors
    limit: int = Field(default=1000, ge=1, le=1000)


class SocketSyncRequest(SyncRequest):
    """Of so few streams that the answer fits a frame: `POST /sync` takes more."""

    cursors: Annotated[dict[StreamName, Seq], Field(max_length=150)]


class Snapshot(Model):
    """Where to begin anew: the newest messages, oldest first, and the conversation itself."""

    messages: list[Message]
    unread_count: int
    conversation: Conversation


class StreamGap(Model):
    """What a stream had after the cursor `from`, up to `to`. `gone`: no access, and nothing else is
    said.

    `limited`: the gap is too long or too old to be filled; take the snapshot and go on from `to`,
    which is the head.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    from_: int | None = Field(default=None, serialization_alias="from", exclude_if=_unsaid)
    to: int | None = Field(default=None, exclude_if=_unsaid)
    head: int | None = Field(default=None, exclude_if=_unsaid)
    limited: bool | None = Field(default=None, exclude_if=_unsaid)
    events: list[dict[str, Any]] | None = Field(default=None, exclude_if=_unsaid)
    snapshot: Snapshot | None = Field(default=None, exclude_if=_unsaid)
    gone: bool | None = Field(default=None, exclude_if=_unsaid)


class SyncReply(Model):
    """`next`: the cursors to ask with for what did not fit, or null."""

    streams: dict[str, StreamGap]
    next: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    stream_id: UUID
    seq: int
    type: str
    payload: dict[str, Any]
    created_at: datetime
