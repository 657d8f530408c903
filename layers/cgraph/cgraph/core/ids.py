"""Identifiers: UUIDv7 (RFC 9562), made here so that a row is known before it is written."""

import os
from datetime import datetime
from typing import NewType
from uuid import UUID

from cgraph.core.clock import now

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = {digit: value for value, digit in enumerate(_ALPHABET)}


def uuid7(at: datetime | None = None) -> UUID:
    """48 bits of milliseconds since 1970, then version, variant and 74 random bits."""
    milliseconds = int((at or now()).timestamp() * 1000 + 0.5)
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
    """Raises ValueError where `text` is not a result of `short`."""
    number = 0
    for character in text:
        number = number * 62 + _DIGITS.get(character, 1 << 128)
    if len(text) != 22 or number >> 128:
        raise ValueError(f"not a short id: {text!r}")
    return UUID(int=number)
