import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from cgraph.accounts.people.models import UserSummary
from cgraph.chat.messages.models import MessageFrame
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model

_INVISIBLE_PARTS = {"\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""Invisible parts that emoji are composed with: the joiner and the tags of flags."""

_REFUSED = frozenset("/%?.\\\ufffd")
"""Characters with a meaning in paths, and the one that replaces undecodable bytes."""


def _visible(text: str) -> str:
    """Normalizes to NFC: emoji that look the same are the same reaction. Raises ValueError."""
    text = unicodedata.normalize("NFC", text)
    kinds = [
        unicodedata.category(character) for character in text if character not in _INVISIBLE_PARTS
    ]
    if any(kind[0] == "Z" or kind in ("Cc", "Cf", "Cs") for kind in kinds):
        raise ValueError("must not contain spaces or invisible characters")
    if all(kind[0] == "M" for kind in kinds):
        raise ValueError("must be visible")
    if len(text) > 32 or not _REFUSED.isdisjoint(text):
        raise ValueError("must be one emoji or a short word")
    return text


Emoji = Annotated[str, StringConstraints(min_length=1, max_length=32), AfterValidator(_visible)]


class ReactionFrame(MessageFrame):
    """A reaction to add or to remove, over the socket."""

    emoji: Emoji = Field(description="One emoji or a short word, at most 32 characters.")
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
class ReactionCountsRow:
    """The message's reactions after a change. `is_recent`: an event was published within the
    window; `is_scheduled`: a job that will publish the next one is scheduled.
    """

    reactions: dict[str, int]
    is_recent: bool
    is_scheduled: bool


@dataclass(frozen=True, slots=True)
class PendingReactionsRow:
    """The content of the next `message.reacted`, and the ids of its audience."""

    conversation_id: UUID
    message_seq: int
    reactions: dict[str, int]
    changes: list[dict[str, Any]]
    audience: list[UUID]
    history_limits: dict[str, int] | None


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
