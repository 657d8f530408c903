from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.chat.messages.models import Message
from cgraph.chat.models import ConversationKind
from cgraph.chat.policies import Role
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, DisplayName, Model, Nonce, Seq, Username
from cgraph.events.streams import StreamKind, parse_stream

LARGE_GROUP = 32
"""Above this many members a message no longer writes each member's row."""


class ConversationDraft(Body):
    """`members`: the others' usernames; the one who asks is always in. A direct conversation has
    exactly one other.
    """

    kind: ConversationKind
    members: list[Username] = Field(max_length=1000)
    name: DisplayName | None = None
    nonce: Nonce | None = None

    @model_validator(mode="after")
    def _direct_has_no_name(self) -> Self:
        if self.kind is ConversationKind.DIRECT and self.name is not None:
            raise ValueError("a direct conversation has no name")
        return self


class ConversationChange(Body):
    """`name`: null takes it away."""

    name: DisplayName | None


class NamedConversation(Model):
    """What `conversation.updated` tells."""

    id: UUID
    name: str | None


class Member(Model):
    """`last_read_seq`: said where one conversation of at most 100 members is shown."""

    id: UUID
    username: str
    display_name: str
    role: Role
    last_read_seq: int | None = None


class Conversation(Model):
    """As one of its members sees it. `members` are the first few in lists, all in the conversation
    itself.

    `head` is the number of the last event of its stream `conv:<id>`. `role`, `muted` and what is
    read are the reader's; muted without `muted_until` is for ever.
    """

    id: UUID
    kind: ConversationKind
    name: str | None
    created_by: UUID
    created_at: Timestamp
    active_at: Timestamp
    member_count: int
    members: list[Member]
    last_message: Message | None
    head: int
    role: Role = Role.MEMBER
    muted: bool = False
    muted_until: Timestamp | None = None
    last_read_seq: int
    unread_count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A Conversation as Postgres writes it, and its place in the list."""

    active_at: datetime
    id: UUID
    shown: str


class ReadMarker(Body):
    """`seq`: the last event read."""

    seq: Seq


def _conversation(name: str) -> str:
    if parse_stream(name).kind is not StreamKind.CONVERSATION:
        raise ValueError("not the stream of a conversation")
    return name


class ReadStream(ReadMarker):
    """`stream`: that of a conversation."""

    stream: Annotated[str, AfterValidator(_conversation)] = Field(pattern="^conv:[0-9a-f-]{36}$")

    @property
    def conversation_id(self) -> UUID:
        return parse_stream(self.stream).id


class Marked(Model):
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


class Found(Model):
    id: UUID


class Joined(Model):
    """The number of `conversation.joined` in one member's own stream."""

    user_id: UUID
    seq: int


class Invited(UserSummary):
    """`blocks`: they have blocked whoever invites them; `is_blocked`: the other way round."""

    blocks: bool
    is_blocked: bool
