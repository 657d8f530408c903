"""Ids and accounts of imported items. The same item has the same id in every run."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.text import clean_line

MAX_USERNAME = 32
MAX_DISPLAY_NAME = 64
LONGEST_NAME = 1000
"""That is read; what is above MAX_DISPLAY_NAME is cut, and reported, when it is stored."""

MAX_BIO = 500


def imported_id(time: datetime | None, *, source: str, kind: str, key: object) -> UUID:
    """A UUIDv7 with the time in milliseconds. Its 74 random bits are taken from a SHA-256 of
    source, kind and key. `time=None` stands for 1970 (users: a dump may contain their number only).
    """
    milliseconds = round(time.timestamp() * 1000) if time is not None else 0
    digest = _digest(source, kind, key)
    value = milliseconds << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


@dataclass(frozen=True, slots=True)
class ImportedUser:
    """The account of an author, which nobody can log in to. `alternative`: the username to use when
    `username` is taken. `display_name`, `bio`: whole; `stage_user` cuts them.
    """

    id: UUID
    username: str
    alternative: str
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
        suffix: str | None,
        name: str,
        display_name: str = "",
        bio: str = "",
        created_at: datetime | None = None,
    ) -> ImportedUser:
        """`key`: the id in the source. `name`: the username is made of it. `suffix`: makes the
        username unique; None for a hash. `display_name`: `name` by default.
        """
        digest = _digest(source, "user", key).hex()
        hash_suffix = f"-{digest[:10]}"
        display_name = clean_line(display_name or name, at_most=LONGEST_NAME)
        return cls(
            id=imported_id(None, source=source, kind="user", key=key),
            username=_username(name, suffix=suffix or hash_suffix),
            alternative=_username(name, suffix=hash_suffix),
            email=f"{digest[:32]}@imported.invalid",
            display_name=display_name or f"Person {key}",
            bio=bio,
            created_at=created_at,
        )


def user_id(key: str, *, source: str) -> UUID:
    """The id that `ImportedUser.of` gives."""
    return imported_id(None, source=source, kind="user", key=key)


def _username(name: str, *, suffix: str) -> str:
    suffix = re.sub(r"[^a-z0-9]+", "-", suffix.lower())[:26].rstrip("-")
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")
    return (word or "person")[: MAX_USERNAME - len(suffix)].rstrip("-") + suffix


def _digest(source: str, kind: str, key: object) -> bytes:
    return hashlib.sha256(f"{source}\0{kind}\0{key}".encode()).digest()
