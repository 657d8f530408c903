"""Identifiers: UUIDv7 (RFC 9562), made here so that a row is known before it is written."""

import os
from datetime import datetime
from functools import cache, lru_cache
from typing import NewType
from uuid import UUID

from cgraph.core.clock import now

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def uuid7(at: datetime | None = None) -> UUID:
    """48 bits of milliseconds since 1970, then version, variant and 74 random bits."""
    milliseconds = int((at or now()).timestamp() * 1000 + 0.5)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


@lru_cache(maxsize=256)  # a request writes the same id into several keys
def short(identifier: UUID) -> str:
    """22 characters of base 62, for tokens and keys."""
    number, digits, pairs = identifier.int, [], _pairs()
    for _ in range(11):
        number, pair = divmod(number, 62 * 62)
        digits.append(pairs[pair])
    digits.reverse()
    return "".join(digits)


def from_short(text: str) -> UUID:
    """Raises ValueError where `text` is not a result of `short`."""
    number, numbers = 0, _numbers()
    for place in range(0, 22, 2):
        number = number * (62 * 62) + numbers.get(text[place : place + 2], 1 << 128)
    if len(text) != 22 or number >> 128:
        raise ValueError(f"not a short id: {text!r}")
    return UUID(int=number)


@cache
def _pairs() -> list[str]:
    """The digits of each number below 62 * 62: two at a time take a third of the time."""
    return [high + low for high in _ALPHABET for low in _ALPHABET]


@cache
def _numbers() -> dict[str, int]:
    return {pair: number for number, pair in enumerate(_pairs())}
