from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from cgraph.fields import DisplayName, Nonce, Seq, Username
from cgraph.ids import Timestamp
from cgraph.messages.models import Message
from cgraph.policies import Role

LARGE_GROUP = 32
"""Above this many members a message no longer writes each member's row."""


class Kind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"


class ConversationDraft(BaseModel):
    """`members`: the others' usernames; the one who asks is always in. A direct conversation has
    exactly one other.
    """

    kind: Kind
    members: list[Username] = Field(max_length=1000)
    name: DisplayName | None = None
    nonce: Nonce | None = None

    @model_validator(mode="after")
    def _direct_has_no_name(self) -> Self:
        if self.kind is Kind.DIRECT and self.name is not None:
            raise ValueError("a direct conversation has no name")
        return self


class Member(BaseModel):
    id: UUID
    username: str
    display_name: str
    role: Role


class Conversation(BaseModel):
    """As one of its members sees it. `members` are the first few in lists, all in the conversation
    itself.

    `head` is the number of the last event of its stream `conv:<id>`.
    """

    id: UUID
    kind: Kind
    name: str | None
    created_by: UUID
    created_at: Timestamp
    active_at: Timestamp
    member_count: int
    members: list[Member]
    last_message: Message | None
    head: int
    last_read_seq: int
    unread_count: int


class ReadMarker(BaseModel):
    """`seq`: the last event read."""

    seq: Seq


class Marked(BaseModel):
    """Where one's marker now stands: it never moves back."""

    conversation_id: UUID
    last_read_seq: int
    unread_count: int


class MarkedRow(Marked):
    """`seq`: the change's number in the reader's own stream; None where the marker did not move.

    `role`: the reader's.
    """

    seq: int | None
    role: Role


class Membership(BaseModel):
    """One person's place in one conversation."""

    role: Role
    kind: Kind


class Found(BaseModel):
    id: UUID


class Joined(BaseModel):
    """The number of `conversation.joined` in one member's own stream."""

    user_id: UUID
    seq: int


class Person(BaseModel):
    id: UUID
    username: str
    display_name: str


Position = tuple[datetime, UUID]
