"""Messages and their reactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cgraph_client.core.parsing import (
    JsonObject,
    constructor_arguments,
    parse,
    parse_all,
    parse_optional,
    parse_time,
)
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class Quote:
    """The beginning of the message that another message replies to."""

    id: str
    seq: int
    author_id: str
    content: str
    deleted: bool = False

    @classmethod
    def from_json(cls, document: JsonObject) -> Quote:
        return cls(**constructor_arguments(cls, document))


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str

    @classmethod
    def from_json(cls, document: JsonObject) -> Attachment:
        return cls(**constructor_arguments(cls, document))


@dataclass(frozen=True, slots=True)
class Message:
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
    my_reactions: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    mentions_everyone: str | None = None
    attachments: tuple[Attachment, ...] = ()
    pinned_at: datetime | None = None

    @classmethod
    def from_json(cls, document: JsonObject) -> Message:
        return cls(
            **constructor_arguments(
                cls,
                document,
                created_at=datetime.fromisoformat(document["created_at"]),
                quoted=parse_optional(Quote.from_json, document.get("quoted")),
                edited_at=parse_time(document.get("edited_at")),
                deleted_at=parse_time(document.get("deleted_at")),
                reactions=dict(document.get("reactions") or {}),
                my_reactions=tuple(sorted(document.get("my_reactions") or ())),
                mentions=tuple(document.get("mentions") or ()),
                attachments=parse_all(Attachment.from_json, document.get("attachments")),
                pinned_at=parse_time(document.get("pinned_at")),
            )
        )


@dataclass(frozen=True, slots=True)
class MessageVersion:
    """What a message contained before an edit, which was made at `edited_at`."""

    version: int
    content: str
    edited_at: datetime

    @classmethod
    def from_json(cls, document: JsonObject) -> MessageVersion:
        edited_at = datetime.fromisoformat(document["edited_at"])
        return cls(**constructor_arguments(cls, document, edited_at=edited_at))


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction of one user."""

    user: User
    created_at: datetime

    @classmethod
    def from_json(cls, document: JsonObject) -> Reaction:
        return cls(
            user=parse(User.from_json, document["user"]),
            created_at=datetime.fromisoformat(document["created_at"]),
        )


@dataclass(frozen=True, slots=True)
class Reactions:
    """The reactions to one message: `reactions` is the count by emoji, `my_reactions` the emojis
    of the caller."""

    message_id: str
    reactions: Mapping[str, int]
    my_reactions: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, document: JsonObject) -> Reactions:
        mine = tuple(sorted(document.get("my_reactions") or ()))
        return cls(**constructor_arguments(cls, document, my_reactions=mine))
