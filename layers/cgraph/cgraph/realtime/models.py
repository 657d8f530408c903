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
    """Opens one socket, once."""

    ticket: str = Field(description="The ticket, as it is in `url`.")
    url: str = Field(description="The complete address of the WebSocket, with the ticket.")
    expires_in: int = Field(description="Seconds until the ticket expires.")


class Ping(FrameData):
    """The data of `ping`."""

    streams: list[StreamName] = Field(
        default=[],
        max_length=50,
        description="Streams whose heads the `pong` has, beside the caller's own stream.",
    )


class Subscription(FrameData):
    """The data of `subscribe` and `unsubscribe`."""

    streams: list[StreamName] = Field(
        min_length=1,
        max_length=50,
        description="Names of streams: `conv:`, `forum:`, `post:` or `user:` and the id.",
    )


class Typing(FrameData):
    """The data of `typing`."""

    stream: StreamName = Field(description="A stream that the socket has subscribed to.")
    typing: bool = Field(description="True while the caller types, false when they stop.")


class Presence(FrameData):
    """The data of `presence`."""

    status: Status = Field(description="How the user appears to others.")


class PeopleTyping(Model):
    """The data of `typing.started` and `typing.stopped`."""

    user_ids: list[UUID] = Field(description="Some of the users who type or have stopped.")
    count: int = Field(description="How many users these are in all.")


class Moved(Model):
    """A user whose presence changed."""

    user_id: UUID
    status: Status | Literal["offline"] = Field(
        description="The new presence; `offline` when the last socket is gone."
    )


class PresenceChange(Model):
    """The data of `presence.changed`."""

    people: list[Moved] = Field(description="The users whose presence changed.")


class Receipt(Model):
    """How far a member has read."""

    user_id: UUID
    seq: int = Field(description="The last message that the member has read, by its number.")


class Receipts(Model):
    """The data of `receipts.updated`."""

    receipts: list[Receipt] = Field(description="The members who have read further.")


class Scores(Model):
    """The data of `scores.updated`."""

    scores: dict[UUID, int] = Field(description="The score of each post or comment, by its id.")


class ReceiptCount(Model):
    """The data of `receipts.counted`: in large groups, in place of `receipts.updated`."""

    seq: int = Field(description="The number of a message.")
    readers: int = Field(description="How many members have read up to this message.")


class Present(Model):
    """A user who is present in a stream."""

    user_id: UUID
    status: Status = Field(description="How the user appears to others.")


def _unsaid(value: object) -> bool:
    return value is None


class InFocus(Model):
    """A stream that the socket has subscribed to; only `gone` where the caller may not read it."""

    head: int | None = Field(
        default=None, exclude_if=_unsaid, description="The number of the stream's last event."
    )
    present: list[Present] | None = Field(
        default=None,
        exclude_if=_unsaid,
        description="Other users who have subscribed, at most 300 in one answer.",
    )
    present_count: int | None = Field(
        default=None, exclude_if=_unsaid, description="How many other users have subscribed in all."
    )
    gone: bool | None = Field(
        default=None, exclude_if=_unsaid, description="True: the caller may not read the stream."
    )


class Subscribed(Model):
    """The answer to `subscribe`."""

    streams: dict[str, InFocus] = Field(description="What each stream has, by the stream's name.")
    lease_ms: int = Field(
        description="Milliseconds until the subscription ends, unless it is renewed."
    )


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
