from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cgraph.chat.policies import Role
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Content, FrameData, Model, Nonce

ATTACHMENTS_AT_MOST = 10
VERSIONS_AT_MOST = 2**31 - 1


class Quote(Model):
    """The message that another one replies to: the beginning of it, as it reads now."""

    id: UUID
    author_id: UUID
    content: str
    deleted: bool


class Attachment(Model):
    id: UUID


def _none(value: list[str]) -> bool:
    return not value


class Message(Model):
    """`seq` is its place in the stream of its conversation. `version` counts edits.

    Deleted, it keeps its place and says nothing. `my_reactions` is left out where there are none,
    and in events, which are the same for everybody.
    """

    id: UUID
    conversation_id: UUID
    seq: int
    author_id: UUID
    content: str
    created_at: Timestamp
    reply_to: UUID | None
    quoted: Quote | None = None
    version: int = 1
    edited_at: Timestamp | None = None
    deleted_at: Timestamp | None = None
    reply_count: int = 0
    reactions: dict[str, int] = Field(default={})
    my_reactions: list[str] = Field(default=[], exclude_if=_none)
    mentions: list[UUID] = Field(default=[])
    attachments: list[Attachment] = Field(default=[])
    pinned_at: Timestamp | None = None


class Parent(Model):
    """What a message replied to, and how many replies that then had."""

    id: UUID
    reply_count: int


class MessageCreated(Model):
    """The data of the event; `parent` is left out where it replied to nothing."""

    message: Message
    parent: Parent | None = None


class MessageDraft(Body):
    """What a person sends. `nonce`: their own name for it, so that it may be sent again without
    harm. `@name` in the content mentions a member.
    """

    conversation_id: UUID
    content: Content
    nonce: Nonce | None = None
    reply_to: UUID | None = None
    attachments: list[UUID] = Field(default=[], max_length=ATTACHMENTS_AT_MOST)


class MessageEdit(Body):
    """`version`: that of the message which is edited, so that no edit undoes another unseen."""

    content: Content
    version: int = Field(ge=1, le=VERSIONS_AT_MOST)


class MessageEditFrame(MessageEdit):
    message_id: UUID


class MessageFrame(FrameData):
    message_id: UUID


@dataclass(frozen=True, slots=True)
class Sent:
    """`replayed`: the message was there before, sent with the same nonce; or was edited so."""

    message: Message
    replayed: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """What came of sending: the event's data and who it is for, or why there is none."""

    payload: dict[str, Any] | None
    audience: list[UUID] | None
    role: Role | None
    refusal: Literal["blocked", "unknown_reply"] | None
    first_hash: bytes | None
    first_payload: dict[str, Any] | None


class MessageAccess(Model):
    """A message as one member sees it, and who they are there."""

    message: Message
    role: Role
    is_direct: bool
    is_blocked: bool


class Shown(Model):
    message: Message


@dataclass(frozen=True, slots=True)
class Changed:
    """A message as all see it after a change, and the people it is told to."""

    message: dict[str, Any]
    audience: list[UUID]


@dataclass(frozen=True, slots=True)
class Locked:
    conversation_id: UUID
