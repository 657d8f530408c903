from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from cgraph.core.caller import Caller
from cgraph.core.fields import Body, Model, is_none
from cgraph.events.streams import Stream, parse_stream
from cgraph.realtime.subscription_store import Status


def _parse_stream_name(value: object) -> object:
    return parse_stream(value) if isinstance(value, str) else value


StreamName = Annotated[
    Stream,
    BeforeValidator(_parse_stream_name),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(user|conv|forum|post):[0-9a-f-]{36}$",
            "description": "Its kind and the id of the user, conversation, forum or post.",
        }
    ),
]


class Ticket(Model):
    """A ticket opens one socket, once."""

    ticket: str = Field(description="Secret; it is part of `url`.")
    url: str = Field(description="Where to open the WebSocket, complete with the ticket.")
    expires_in: int = Field(description="Seconds until the ticket expires.")


class PingRequest(Body):
    """The data of `ping`."""

    streams: list[StreamName] = Field(
        default=[],
        max_length=50,
        description="Streams whose heads the pong carries; the user's own stream is always there.",
    )


class SubscribeRequest(Body):
    """The data of `subscribe` and `unsubscribe`."""

    streams: list[StreamName] = Field(
        min_length=1, max_length=50, description="Streams to subscribe to, or to unsubscribe from."
    )


class TypingRequest(Body):
    """The data of `typing`."""

    stream: StreamName = Field(description="A stream that the socket is subscribed to.")
    typing: bool = Field(
        description="Whether the user is typing; repeated every few seconds while it is true."
    )


class PresenceRequest(Body):
    """The data of `presence`."""

    status: Status = Field(description="Shown wherever this socket is subscribed, now and later.")


class TypingUsers(Model):
    """The data of `typing.started` and `typing.stopped`."""

    user_ids: list[UUID] = Field(description="Some of these users, at most ten.")
    count: int = Field(description="How many users there are, without the recipient.")


class PresenceUpdate(Model):
    """The presence of one user after a change."""

    user_id: UUID
    status: Status | Literal["offline"] = Field(
        description="`offline`: the user has no open socket any more."
    )


class PresenceChanges(Model):
    """The data of `presence.changed`."""

    people: list[PresenceUpdate] = Field(description="The users whose presence changed.")


class Receipt(Model):
    """How far one member has read."""

    user_id: UUID
    seq: int = Field(description="The number of the last event that the user has read.")


class ReceiptUpdates(Model):
    """The data of `receipts.updated`."""

    receipts: list[Receipt] = Field(description="The members who have read further.")


class ScoreUpdates(Model):
    """The data of `scores.updated`."""

    scores: dict[UUID, int] = Field(description="Scores of posts and comments, by id.")


class ReceiptCount(Model):
    """The data of `receipts.counted`: sent where a conversation has too many members for names."""

    seq: int = Field(description="The number of an event of the conversation.")
    readers: int = Field(description="How many members have read up to `seq`.")


class PresentUser(Model):
    """A subscriber of a stream."""

    user_id: UUID
    status: Status


class SubscribedStream(Model):
    """What a subscription answers for one stream."""

    head: int | None = Field(
        default=None, exclude_if=is_none, description="The number of the stream's last event."
    )
    present: list[PresentUser] | None = Field(
        default=None, exclude_if=is_none, description="Some of the other subscribers."
    )
    present_count: int | None = Field(
        default=None, exclude_if=is_none, description="How many other users are subscribed."
    )
    gone: bool | None = Field(
        default=None,
        exclude_if=is_none,
        description="True where the caller may not read the stream; then nothing else is there.",
    )


class SubscribeReply(Model):
    """The answer to `subscribe`."""

    streams: dict[str, SubscribedStream] = Field(description="By the name of the stream.")
    lease_ms: int = Field(
        description="Milliseconds until the subscriptions end, unless the client subscribes again."
    )


@dataclass(frozen=True, slots=True)
class StreamHead:
    """A stream that a user may read, with its head as the user sees it. `has_own_view`: its events
    have other numbers or counts for this user.
    """

    id: UUID
    kind: str
    head: int
    has_own_view: bool = False


@dataclass(frozen=True, slots=True)
class StreamAccess:
    """A stream that a user may subscribe to, with its head as the user sees it. `members`: of a
    conversation. `blocks`: (blocker, blocked) of the blocks that the user takes part in; of a
    conversation those between members.
    """

    id: UUID
    kind: str
    head: int
    members: int
    blocks: list[list[UUID]]


@dataclass(frozen=True, slots=True)
class StreamAudience:
    """The members of a conversation, and the head of its stream."""

    head: int
    user_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class CountRow:
    count: int


@dataclass(frozen=True, slots=True)
class Connection:
    """An open socket and its user. `opened_at`: seconds since 1970. `received_ms`: when API Gateway
    received the frame, in milliseconds.
    """

    id: str
    caller: Caller
    opened_at: int
    received_ms: int = 0
