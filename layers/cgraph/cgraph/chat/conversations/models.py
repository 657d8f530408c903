from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.accounts.people.models import AVATAR, UserSummary
from cgraph.chat.messages.models import Message
from cgraph.chat.models import ConversationKind, History
from cgraph.chat.policies import ConversationRole
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Cursor, DisplayName, Model, Nonce, QueryParameters, Username
from cgraph.media.pictures.models import Picture

LARGE_GROUP = 32
"""Number of members above which a message no longer updates each member's row."""


class ConversationDraft(Body):
    """A new conversation."""

    kind: ConversationKind
    members: list[Username] = Field(
        max_length=1000,
        description="Usernames of the other members; the caller is always a member. A direct "
        "conversation has exactly one other member, or only the caller, whose name is then given: "
        "a place for notes.",
    )
    name: DisplayName | None = Field(
        default=None, description="1 to 64 characters; only a group has a name."
    )
    history: History = Field(
        default=History.ALL,
        description="What users see who are added later: `all` messages, or only those "
        "`from_joining` on. Only for a group.",
    )
    nonce: Nonce | None = Field(
        default=None,
        description="The client's own name for this request, unique for the caller. The same "
        "request sent again with it starts no second group.",
    )

    @model_validator(mode="after")
    def _direct_has_no_settings(self) -> Self:
        if self.kind is ConversationKind.DIRECT and self.name is not None:
            raise ValueError("a direct conversation has no name")
        if self.kind is ConversationKind.DIRECT and self.history is not History.ALL:
            raise ValueError("nobody is added to a direct conversation")
        return self


class ConversationChange(Body):
    """Changes to a group. A field that is left out stays as it is."""

    name: DisplayName | None = Field(
        default=None, description="1 to 64 characters; null removes the name."
    )
    history: History | None = Field(
        default=None,
        description="What users see who are added from now on; nothing changes for members. Null "
        "leaves it as it is.",
    )
    link_previews: bool | None = Field(
        default=None,
        description="Whether links in new messages get previews. Null leaves it as it is.",
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("there is no change")
        return self


class ChangedConversation(Model):
    """The conversation in the data of `conversation.updated`."""

    id: UUID
    name: str | None
    history: History
    link_previews: bool = Field(description="Whether links in new messages get previews.")


class ConversationMember(Model):
    """A member of a conversation."""

    id: UUID
    username: str
    display_name: str
    avatar: Picture | None = AVATAR
    role: ConversationRole
    last_read_seq: int | None = Field(
        default=None,
        description="`seq` of the last event that the member has read. Null in lists, in "
        "conversations of more than 100 members, and if the member has blocked the caller or the "
        "caller the member.",
    )


class Conversation(Model):
    """A conversation as one of its members sees it."""

    id: UUID
    kind: ConversationKind
    name: str | None = Field(description="Null for a direct conversation or a group without one.")
    history: History = Field(
        default=History.ALL, description="What users see who are added to it later."
    )
    link_previews: bool = Field(
        default=True, description="Whether links in new messages get previews."
    )
    created_by: UUID
    created_at: Timestamp
    active_at: Timestamp = Field(
        description="Time of the last message, or of the caller's joining where that is later. "
        "Lists are ordered by it."
    )
    member_count: int
    members: list[ConversationMember] = Field(
        description="The first 8 members in lists and events; all members where one conversation "
        "is shown."
    )
    last_message: Message | None = Field(
        description="The last message that is not deleted; null if the caller may not see it."
    )
    head: int = Field(description="`seq` of the last event of the stream `conv:<id>`.")
    role: ConversationRole = Field(
        default=ConversationRole.MEMBER, description="The caller's role."
    )
    muted: bool = Field(default=False, description="Whether the caller has muted it.")
    muted_until: Timestamp | None = Field(
        default=None, description="If null and `muted` is true: until the caller unmutes it."
    )
    last_read_seq: int = Field(description="`seq` of the last event that the caller has read.")
    unread_count: int = Field(
        description="Number of messages after `last_read_seq`, without deleted ones."
    )
    marked_unread: bool = Field(
        default=False,
        description="Whether the caller has marked it as unread, and neither read nor sent "
        "anything since.",
    )
    mention_count: int = Field(
        default=0, description="Number of unread messages that mention the caller."
    )


class ConversationFilter(QueryParameters):
    """Which conversations of the caller to list."""

    unread: bool = Field(
        default=False,
        description="Only those with unread messages, and those that the caller has marked as "
        "unread.",
    )
    muted: bool | None = Field(
        default=None, description="True: only muted ones; false: only those that are not muted."
    )
    limit: int = Field(default=20, ge=1, le=100, description="Conversations in one page.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A Conversation as JSON; `active_at` and `id` are its position in the list."""

    active_at: datetime
    id: UUID
    json: str


class IdRow(Model):
    id: UUID


class JoinedRow(Model):
    """`seq`: the number of `conversation.joined` in the member's stream."""

    user_id: UUID
    seq: int


class InviteeRow(UserSummary):
    """A user who is to be a member of a new conversation, or the caller. `names`: those by which
    they were named, in lower case. `is_blocked`: whether they have blocked the caller, or the
    caller them. `is_reachable`: whether their privacy lets the caller start it.
    """

    names: list[str] | None
    is_blocked: bool
    is_reachable: bool
