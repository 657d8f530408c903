"""What the API speaks of. Fields this version does not know are ignored: servers may add some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from cgraph_client.errors import ProtocolError

T = TypeVar("T")
Document = Mapping[str, Any]


def read(kind: Callable[[Document], T], document: Any) -> T:
    """`kind(document)`, where a missing or odd field is the server's error and says so."""
    try:
        return kind(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"cannot read {document!r:.300}: {error!r}") from error


def read_all(kind: Callable[[Document], T], documents: Iterable[Any] | None) -> tuple[T, ...]:
    return tuple(read(kind, document) for document in documents or ())


def _pick(kind: type[Any], document: Document, **converted: Any) -> dict[str, Any]:
    known = {field.name: field for field in fields(kind)}
    missing = [
        name
        for name, field in known.items()
        if field.default is MISSING and name not in document and name not in converted
    ]
    if missing:
        raise KeyError(*missing)
    return {name: value for name, value in document.items() if name in known} | converted


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class User:
    id: str
    username: str
    display_name: str | None = None

    @classmethod
    def read(cls, document: Document) -> User:
        return cls(**_pick(cls, document))


@dataclass(frozen=True, slots=True)
class Message:
    """`seq` is its place in the conversation; `reply_to` the id of another message."""

    id: str
    conversation_id: str
    seq: int
    author_id: str
    content: str
    created_at: datetime
    reply_to: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    @classmethod
    def read(cls, document: Document) -> Message:
        return cls(
            **_pick(
                cls,
                document,
                created_at=datetime.fromisoformat(document["created_at"]),
                edited_at=_read_time(document.get("edited_at")),
                deleted_at=_read_time(document.get("deleted_at")),
            )
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """`kind` is `direct` or `group`; lists show the first few members, the conversation itself all.

    `head` is the number of the last event of its stream, `conv:<id>`.
    """

    id: str
    kind: str
    name: str | None = None
    created_by: str | None = None
    member_count: int = 0
    members: tuple[User, ...] = ()
    last_message: Message | None = None
    head: int = 0
    last_read_seq: int = 0
    unread_count: int = 0

    @classmethod
    def read(cls, document: Document) -> Conversation:
        last = document.get("last_message")
        return cls(
            **_pick(
                cls,
                document,
                members=read_all(User.read, document.get("members")),
                last_message=None if last is None else read(Message.read, last),
            )
        )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; `next` is the cursor of the following one, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What proves who is asking. A program that keeps it across runs must keep each new one:
    refresh tokens are for one use."""

    access_token: str
    refresh_token: str
    expires_at: datetime

    @classmethod
    def read(cls, document: Document) -> Session:
        life = timedelta(seconds=document["expires_in"])
        return cls(document["access_token"], document["refresh_token"], datetime.now(UTC) + life)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One use, a few seconds of life; `url` is complete."""

    url: str
    ticket: str = ""

    @classmethod
    def read(cls, document: Document) -> Ticket:
        return cls(**_pick(cls, document))
