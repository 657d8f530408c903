from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from cgraph.auth.caller import Caller
from cgraph.conversations.models import Conversation
from cgraph.fields import Body, Model, Seq
from cgraph.ids import Timestamp
from cgraph.messages.models import Message
from cgraph.people.models import User
from cgraph.realtime.looks import Status
from cgraph.streams import Stream, parse_stream


def _stream(value: object) -> object:
    return parse_stream(value) if isinstance(value, str) else value


StreamName = Annotated[
    Stream,
    BeforeValidator(_stream),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^(user|conv|forum|post):[0-9a-f-]{36}$"}),
]
Cursors = Annotated[dict[StreamName, Seq], Field(max_length=2000)]


class Ticket(Model):
    """`url` is complete; it opens one socket, once, within `expires_in` seconds."""

    ticket: str
    url: str
    expires_in: int


class Greeting(Model):
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


class Ping(Model):
    """`streams`: those whose heads the pong brings; the own stream is always there."""

    streams: list[StreamName] = Field(default=[], max_length=50)


class Subscription(Model):
    """`streams`: those that this socket looks at, or no longer does."""

    streams: list[StreamName] = Field(min_length=1, max_length=50)


class Typing(Model):
    """`stream`: one in focus. Said again every few seconds while it is so."""

    stream: StreamName
    typing: bool


class Presence(Model):
    """How the person is, for all who look at what this socket looks at."""

    status: Status


class PeopleTyping(Model):
    """The data of `typing.started` and `typing.stopped`: some of the `count` others."""

    user_ids: list[UUID]
    count: int


class Moved(Model):
    user_id: UUID
    status: Status | Literal["offline"]


class PresenceChange(Model):
    """The data of `presence.changed`."""

    people: list[Moved]


class Receipt(Model):
    """The person has read up to `seq`."""

    user_id: UUID
    seq: int


class Receipts(Model):
    """The data of `receipts.updated`."""

    receipts: list[Receipt]


class Scores(Model):
    """The data of `scores.updated`: of posts and comments, by id."""

    scores: dict[UUID, int]


class ReceiptCount(Model):
    """The data of `receipts.counted`: so many members have read up to `seq`."""

    seq: int
    readers: int


class Present(Model):
    user_id: UUID
    status: Status


def _unsaid(value: object) -> bool:
    return value is None


class InFocus(Model):
    """`head`: the number of the stream's last event. `present`: who else looks at it, the first few
    of `present_count`. `gone`: no access, and nothing else is said.
    """

    head: int | None = Field(default=None, exclude_if=_unsaid)
    present: list[Present] | None = Field(default=None, exclude_if=_unsaid)
    present_count: int | None = Field(default=None, exclude_if=_unsaid)
    gone: bool | None = Field(default=None, exclude_if=_unsaid)


class Subscribed(Model):
    """Subscribe again within `lease_ms`, or a stream is in focus no more."""

    streams: dict[str, InFocus]
    lease_ms: int


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
class Head:
    """A stream that one may read. `members`: of a conversation, where that was asked for."""

    id: UUID
    kind: str
    head: int
    members: int = 0


@dataclass(frozen=True, slots=True)
class Audience:
    """Who follows a conversation, and how far it is."""

    head: int
    people: list[UUID]


@dataclass(frozen=True, slots=True)
class Count:
    count: int


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
