from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from cgraph.core.caller import Caller
from cgraph.core.fields import FrameData, Model
from cgraph.events.streams import Stream, parse_stream
from cgraph.realtime.subscription_store import Status


def _stream(value: object) -> object:
    return parse_stream(value) if isinstance(value, str) else value


StreamName = Annotated[
    Stream,
    BeforeValidator(_stream),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^(user|conv|forum|post):[0-9a-f-]{36}$"}),
]


class Ticket(Model):
    """`url` is complete; it opens one socket, once, within `expires_in` seconds."""

    ticket: str
    url: str
    expires_in: int


class Ping(FrameData):
    """`streams`: those whose heads the pong brings; the own stream is always there."""

    streams: list[StreamName] = Field(default=[], max_length=50)


class Subscription(FrameData):
    """`streams`: those that this socket looks at, or no longer does."""

    streams: list[StreamName] = Field(min_length=1, max_length=50)


class Typing(FrameData):
    """`stream`: one in focus. Said again every few seconds while it is so."""

    stream: StreamName
    typing: bool


class Presence(FrameData):
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
class Connection:
    """A socket and who is at its other end. `opened_at`: seconds since 1970."""

    id: str
    caller: Caller
    opened_at: int
