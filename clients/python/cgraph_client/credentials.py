"""What proves who somebody is, and where they are logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cgraph_client.reading import Document, pick, read_time


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
class Device:
    """Somewhere one is logged in; `current` is where this is asked from."""

    id: str
    device: str = ""
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    current: bool = False

    @classmethod
    def read(cls, document: Document) -> Device:
        return cls(
            **pick(
                cls,
                document,
                device=document.get("device") or "",
                created_at=read_time(document.get("created_at")),
                last_used_at=read_time(document.get("last_used_at")),
            )
        )


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The secret for an authenticator; `uri` is what its QR code says. Not in force until a code
    has confirmed it."""

    secret: str
    uri: str

    @classmethod
    def read(cls, document: Document) -> SecondFactor:
        return cls(**pick(cls, document))


@dataclass(frozen=True, slots=True)
class Ticket:
    """One use, a few seconds of life; `url` is complete."""

    url: str
    ticket: str = ""

    @classmethod
    def read(cls, document: Document) -> Ticket:
        return cls(**pick(cls, document))
