"""Messages and their reactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.uploads import Attachment, Preview
from cgraph_client.models.users import User


def _sorted(emojis: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(emojis or ()))


Emojis = Annotated[tuple[str, ...], _sorted]
"""In an order of their own, so that equal ones are equal whatever order the server has."""


@dataclass(frozen=True, slots=True)
class Quote(JsonModel):
    """The beginning of the message that another message replies to."""

    id: str
    seq: int
    author_id: str
    content: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Message(JsonModel):
    """`seq` is its number in the conversation. `reply_to` is the id of the message it replies to,
    and `quoted` the beginning of that message. `version` counts edits; an edit names the version
    it changes. A deleted message stays, with empty content. `content` is Markdown, `content_html`
    the sanitized HTML of it. `mentions_everyone` is "everyone", "here" or None.

    `my_reactions` are only there in an answer to the caller: an event is the same for everyone.
    """

    id: str
    conversation_id: str
    seq: int
    author_id: str
    content: str
    created_at: datetime
    content_html: str = ""
    reply_to: str | None = None
    quoted: Quote | None = None
    version: int = 1
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_count: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)
    my_reactions: Emojis = ()
    mentions: tuple[str, ...] = ()
    mentions_everyone: str | None = None
    attachments: tuple[Attachment, ...] = ()
    previews: tuple[Preview, ...] = ()
    pinned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageVersion(JsonModel):
    """What a message contained before an edit, which was made at `edited_at`."""

    version: int
    content: str
    edited_at: datetime


@dataclass(frozen=True, slots=True)
class Reaction(JsonModel):
    """A reaction of one user."""

    user: User
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reactions(JsonModel):
    """The reactions to one message: `reactions` is the count by emoji, `my_reactions` the emojis
    of the caller."""

    message_id: str
    reactions: Mapping[str, int]
    my_reactions: Emojis = ()
