"""Which messages of a conversation a member sees, as terms of OpenSearch: those above a number.

A range for each conversation with a limited history would be a thousand clauses in a query, more
than OpenSearch accepts, and seconds of work. So each message carries the blocks of numbers that it
is in, of 1, 4, 16 … numbers, and what is above a number is a few of these blocks: of all
conversations together one set of terms.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

_BITS, _LEVELS = 2, 10
NUMBERS = 1 << _BITS * _LEVELS
"""Only messages below this number carry blocks."""

_MASK = (1 << 63) - 1
_ODD = 0x5851F42D4C957F2D
"""Multiplied with it, all blocks of a conversation stay different."""


def blocks_of(place: UUID, seq: int) -> list[int]:
    """Of a message."""
    if seq >= NUMBERS:
        return []
    return [_block(place.int, level, seq >> _BITS * level) for level in range(_LEVELS)]


def blocks_above(histories: Mapping[UUID, int]) -> Iterator[int]:
    """That have all messages above these numbers, each below NUMBERS, but those that carry none."""
    for place, after in histories.items():
        number = place.int
        for level in range(_LEVELS):
            block = after >> _BITS * level
            for sibling in range(block + 1, (block | (1 << _BITS) - 1) + 1):
                yield _block(number, level, sibling)


def _block(place: int, level: int, block: int) -> int:
    """Of two conversations they may be the same as seldom as two random ids; the query names the
    conversations too.
    """
    return (place + (level << _BITS * _LEVELS | block) * _ODD) & _MASK
