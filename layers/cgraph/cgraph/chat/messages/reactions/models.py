import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from cgraph.chat.messages.models import MessageFrame
from cgraph.core.fields import Model

_JOINS = {"\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""What emoji are composed with, though it is invisible: the joiner and the tags of flags."""

_REFUSED = frozenset("/%?.\\\ufffd")
"""What a path would take for something else, or shows for what it could not read."""


def _visible(text: str) -> str:
    """Normalised (NFC), so that what looks the same is the same reaction."""
    text = unicodedata.normalize("NFC", text)
    kinds = [unicodedata.category(character) for character in text if character not in _JOINS]
    if any(kind[0] == "Z" or kind in ("Cc", "Cf", "Cs") for kind in kinds):
        raise ValueError("must not contain spaces or invisible characters")
    if all(kind[0] == "M" for kind in kinds):
        raise ValueError("must be visible")
    if len(text) > 32 or not _REFUSED.isdisjoint(text):
        raise ValueError("must be one emoji or a short word")
    return text


Emoji = Annotated[str, StringConstraints(min_length=1, max_length=32), AfterValidator(_visible)]


class ReactionFrame(MessageFrame):
    emoji: Emoji
    added: bool


class Reactions(Model):
    """How many reacted with what, and what oneself reacted with."""

    message_id: UUID
    reactions: dict[str, int]
    my_reactions: list[str]


class ReactionChange(Model):
    user_id: UUID
    emoji: str
    added: bool


class Reacted(Model):
    """The data of `message.reacted`: the counts, and what changed since the last such event."""

    message_id: UUID
    reactions: dict[str, int]
    changes: list[ReactionChange]


@dataclass(frozen=True, slots=True)
class Counted:
    """The message's reactions after a change. `is_recent`: an event was told within the window;
    `is_awaited`: a job is on its way that will tell.
    """

    reactions: dict[str, int]
    is_recent: bool
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the next `message.reacted` says, and to whom."""

    conversation_id: UUID
    reactions: dict[str, int]
    changes: list[dict[str, Any]]
    audience: list[UUID]
