from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.chat.messages.models import MessageFrame
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model

EMOJI = (
    "One emoji. All forms of an emoji (with or without variation selectors) are the same reaction, "
    "which is shown in the fully qualified form."
)


class ReactionFrame(MessageFrame):
    """A reaction to add or to remove, over the socket."""

    emoji: str = Field(description=EMOJI)
    added: bool = Field(description="True adds the reaction, false removes it.")


class Reactions(Model):
    """The reactions to a message."""

    message_id: UUID
    reactions: dict[str, int] = Field(description="Number of users who reacted, by emoji.")
    my_reactions: list[str] = Field(description="Emoji that the caller reacted with.")


class ReactionChange(Model):
    """A reaction that a user has added or removed."""

    user_id: UUID
    emoji: str
    added: bool = Field(description="False if the user has removed it.")


class MessageReacted(Model):
    """The data of `message.reacted`."""

    message_id: UUID
    message_seq: int = Field(description="`seq` of the message.")
    reactions: dict[str, int] = Field(description="Number of users who reacted, by emoji.")
    changes: list[ReactionChange] = Field(
        description="Changes since the last such event of the message, oldest first."
    )


@dataclass(frozen=True, slots=True)
class ReactedRow:
    """The event of changed reactions: its data, a MessageReacted, its number, the ids of the
    members, and `history_limits`, see `announce_to_members`. All are None without an event.
    """

    conversation_id: UUID | None
    payload: dict[str, Any] | None
    seq: int | None
    audience: list[UUID] | None
    history_limits: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class ChangedReactionRow(ReactedRow):
    """The message's reactions after a change. `must_schedule`: a job has to publish it."""

    reactions: dict[str, int]
    must_schedule: bool


class Reaction(Model):
    """A reaction of one user."""

    user: UserSummary
    created_at: Timestamp = Field(description="When the user reacted.")


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """A Reaction as JSON; `created_at` and `user_id` are its position in the list."""

    created_at: datetime
    user_id: UUID
    json: str
