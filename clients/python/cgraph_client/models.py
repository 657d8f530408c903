"""What the API speaks of: people, messages, conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from cgraph_client.reading import Document, pick, read_all, read_if_there, read_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class User:
    id: str
    username: str
    display_name: str | None = None

    @classmethod
    def read(cls, document: Document) -> User:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Member(User):
    """`role` is `owner`, `admin` or `member`; `last_read_seq` is not told of large groups."""

    role: str = "member"
    last_read_seq: int | None = None

    @classmethod
    def read(cls, document: Document) -> Member:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Quote:
    """The beginning of the message that another one replies to."""

    id: str
    author_id: str
    content: str
    deleted: bool = False

    @classmethod
    def read(cls, document: Document) -> Quote:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str

    @classmethod
    def read(cls, document: Document) -> Attachment:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Message:
    """`seq` is its place in the conversation; `reply_to` the id of another message, `quoted` how
    that begins. An edit names the `version` it changes. A deleted message keeps its place, empty.

    `my_reactions` are only there where a person asked; an event is the same for everyone.
    """

    id: str
    conversation_id: str
    seq: int
    author_id: str
    content: str
    created_at: datetime
    reply_to: str | None = None
    quoted: Quote | None = None
    version: int = 1
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_count: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)
    my_reactions: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    pinned_at: datetime | None = None

    @classmethod
    def read(cls, document: Document) -> Message:
        return cls(
            **pick(
                cls,
                document,
                created_at=datetime.fromisoformat(document["created_at"]),
                quoted=read_if_there(Quote.read, document.get("quoted")),
                edited_at=read_time(document.get("edited_at")),
                deleted_at=read_time(document.get("deleted_at")),
                reactions=dict(document.get("reactions") or {}),
                my_reactions=tuple(sorted(document.get("my_reactions") or ())),
                mentions=tuple(document.get("mentions") or ()),
                attachments=read_all(Attachment.read, document.get("attachments")),
                pinned_at=read_time(document.get("pinned_at")),
            )
        )


@dataclass(frozen=True, slots=True)
class Reactions:
    """Of one message, as they stand for the person who asked."""

    message_id: str
    reactions: Mapping[str, int]
    my_reactions: tuple[str, ...] = ()

    @classmethod
    def read(cls, document: Document) -> Reactions:
        mine = tuple(sorted(document.get("my_reactions") or ()))
        return cls(**pick(cls, document, my_reactions=mine))


@dataclass(frozen=True, slots=True)
class Conversation:
    """As one of its members sees it: `role`, `muted` and what is read are that person's.

    `kind` is `direct` or `group`; lists show the first few members, the conversation itself all.
    `head` is the number of the last event of its stream, `conv:<id>`. `muted` without
    `muted_until` is for ever.
    """

    id: str
    kind: str
    name: str | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    active_at: datetime | None = None
    role: str = "member"
    muted: bool = False
    muted_until: datetime | None = None
    member_count: int = 0
    members: tuple[Member, ...] = ()
    last_message: Message | None = None
    head: int = 0
    last_read_seq: int = 0
    unread_count: int = 0

    @classmethod
    def read(cls, document: Document) -> Conversation:
        return cls(
            **pick(
                cls,
                document,
                created_at=read_time(document.get("created_at")),
                active_at=read_time(document.get("active_at")),
                muted_until=read_time(document.get("muted_until")),
                members=read_all(Member.read, document.get("members")),
                last_message=read_if_there(Message.read, document.get("last_message")),
            )
        )

    def is_muted(self, now: datetime) -> bool:
        return self.muted and (self.muted_until is None or now < self.muted_until)


@dataclass(frozen=True, slots=True)
class Marked:
    """Where one's marker now stands: it never moves back."""

    conversation_id: str
    last_read_seq: int
    unread_count: int

    @classmethod
    def read(cls, document: Document) -> Marked:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; `next` is the cursor of the following one, None at the end."""

    items: tuple[T, ...]
    next: str | None = None
