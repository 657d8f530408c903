from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from cgraph.auth.caller import Caller
from cgraph.conversations.models import Conversation
from cgraph.fields import Seq
from cgraph.ids import Timestamp
from cgraph.messages.models import Message
from cgraph.people.models import User
from cgraph.streams import Stream, parse_stream


def _stream(value: object) -> object:
    return parse_stream(value) if isinstance(value, str) else value


StreamName = Annotated[
    Stream,
    BeforeValidator(_stream),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^(user|conv):[0-9a-f-]{36}$"}),
]
Cursors = Annotated[dict[StreamName, Seq], Field(max_length=2000)]


class Ticket(BaseModel):
    """`url` is complete; it opens one socket, once, within `expires_in` seconds."""

    ticket: str
    url: str
    expires_in: int


class Greeting(BaseModel):
    """The data of the client's `hello`: how far it is in each stream it follows."""

    cursors: Cursors = {}


class Hello(BaseModel):
    """The server's answer: who and where the client is, and the heads of its streams.

    `heads` has the person's own stream and their most recently active conversations; `more_heads`
    says there are others, whose heads `POST /sync` and `GET /conversations` show.
    """

    connection_id: str
    user: User
    heartbeat_ms: int
    max_frame_bytes: int
    expires_at: Timestamp
    heads: dict[str, int]
    more_heads: bool


class Ping(BaseModel):
    """`streams`: those in focus, whose heads the pong brings; the own stream is always there."""

    streams: list[StreamName] = Field(default=[], max_length=50)


class SyncRequest(BaseModel):
    """`cursors`: the last number applied in each stream. `limit`: events in all."""

    cursors: Cursors
    limit: int = Field(default=1000, ge=1, le=1000)


class Snapshot(BaseModel):
    """Where to begin anew: the newest messages, oldest first, and the conversation itself."""

    messages: list[Message]
    unread_count: int
    conversation: Conversation


def _unsaid(value: object) -> bool:
    return value is None


class StreamGap(BaseModel):
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


class SyncReply(BaseModel):
    """`next`: the cursors to ask with for what did not fit, or null."""

    streams: dict[str, StreamGap]
    next: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class Head:
    """A stream that one may read."""

    id: UUID
    kind: str
    head: int


@dataclass(frozen=True, slots=True)
class StoredEvent:
    stream_id: UUID
    seq: int
    type: str
    payload: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """A socket and who is at its other end. `opened_at`: seconds since 1970."""

    id: str
    caller: Caller
    opened_at: int
