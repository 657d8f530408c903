"""Identifiers: UUIDv7 (RFC 9562), made here so that a row is known before it is written."""

import os
import time
from datetime import UTC, datetime
from typing import Annotated, NewType
from uuid import UUID

from pydantic import PlainSerializer

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = {digit: value for value, digit in enumerate(_ALPHABET)}


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and Z: 2026-11-23T07:00:00.123Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


def now() -> datetime:
    """UTC, in whole milliseconds: what the wire can say."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, tz=UTC)


def uuid7(moment: datetime | None = None) -> UUID:
    """48 bits of milliseconds since 1970, then version, variant and 74 random bits."""
    milliseconds = int((moment or now()).timestamp() * 1000 + 0.5)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def short(identifier: UUID) -> str:
    """22 characters of base 62, for tokens and keys."""
    number, digits = identifier.int, []
    for _ in range(22):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def from_short(text: str) -> UUID:
    """Raises ValueError where `text` is not what `short` gives."""
    number = 0
    for character in text:
        number = number * 62 + _DIGITS.get(character, 1 << 128)
    if len(text) != 22 or number >> 128:
        raise ValueError(f"not a short id: {text!r}")
    return UUID(int=number)
