"""Who and what is imported keeps its identity: the same item has the same id in every run."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

NAME_AT_MOST = 32
DISPLAY_NAME_AT_MOST = 64
BIO_AT_MOST = 500


def imported_id(moment: datetime | None, *, source: str, kind: str, key: object) -> UUID:
    """A UUIDv7 of the moment in milliseconds, whose 74 random bits are those of a SHA-256. None
    (people: a dump may know their number only) is 1970.
    """
    milliseconds = round(moment.timestamp() * 1000) if moment is not None else 0
    digest = _digest(source, kind, key)
    value = milliseconds << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


@dataclass(frozen=True, slots=True)
class Person:
    """As an account that nobody can log in to. `spare`: the username where the first is taken."""

    id: UUID
    username: str
    spare: str
    email: str
    display_name: str
    bio: str
    created_at: datetime | None

    @classmethod
    def of(
        cls,
        key: str,
        *,
        source: str,
        tail: str | None,
        name: str,
        shown: str = "",
        bio: str = "",
        created_at: datetime | None = None,
    ) -> Person:
        """`key`: who they are in the source. `tail`: of the username, so that it is theirs alone;
        None where only a hash can do that. `shown`: where it is not the name that the username is
        made of.
        """
        digest = _digest(source, "user", key).hex()
        mark = f"-{digest[:10]}"
        shown = " ".join((shown or name).split())[:DISPLAY_NAME_AT_MOST].strip()
        return cls(
            id=imported_id(None, source=source, kind="user", key=key),
            username=_named(name, tail=tail or mark),
            spare=_named(name, tail=mark),
            email=f"{digest[:32]}@imported.invalid",
            display_name=shown or f"Person {key}"[:DISPLAY_NAME_AT_MOST],
            bio=bio[:BIO_AT_MOST],
            created_at=created_at,
        )


def person_id(key: str, *, source: str) -> UUID:
    """That of Person.of."""
    return imported_id(None, source=source, kind="user", key=key)


def _named(name: str, *, tail: str) -> str:
    tail = re.sub(r"[^a-z0-9]+", "-", tail.lower())[:26].rstrip("-")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (word or "person")[: NAME_AT_MOST - len(tail)].rstrip("-") + tail


def _digest(source: str, kind: str, key: object) -> bytes:
    return hashlib.sha256(f"{source}\0{kind}\0{key}".encode()).digest()
