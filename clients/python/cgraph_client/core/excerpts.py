"""The beginning of a text, cut between two characters as readers see them."""

from __future__ import annotations

import unicodedata

LONGEST_CHARACTER = 60
"""Code points; a longer one is cut all the same."""

JOINERS_AND_TONES = {0x200C, 0x200D, 0xFF9E, 0xFF9F, 0xE33, 0xEB3, *range(0x1F3FB, 0x1F400)}
STAYS_WITH_NEXT = {
    *(0x200D, 0x94D, 0x9CD, 0xACD, 0xB4D, 0xC4D, 0xD4D),
    *(*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2),
}
"""The zero-width joiner, viramas, and signs that enclose the digits after them."""

FLAG_LETTERS = range(0x1F1E6, 0x1F200)
LEADING_JAMO = (*range(0x1100, 0x1160), *range(0xA960, 0xA980))
OTHER_JAMO = (*range(0x1160, 0x1200), *range(0xD7A4, 0xD800))
SYLLABLES = range(0xAC00, 0xD7A4)


def excerpt(text: str, *, at_most: int) -> str:
    """At most so many code points of the beginning, as the server cuts quotes: not within an emoji,
    nor between a letter and its accents."""
    if len(text) <= at_most or text[: at_most + 1].isascii():
        return text[:at_most]
    for size in range(at_most, max(at_most - LONGEST_CHARACTER, 1) - 1, -1):
        if not _is_within_character(text[:size], ord(text[size])):
            return text[:size]
    return text[:at_most]


def _is_within_character(beginning: str, next_code: int) -> bool:
    last = ord(beginning[-1])
    if _extends_character(next_code) or last in STAYS_WITH_NEXT:
        return True
    if next_code in FLAG_LETTERS and last in FLAG_LETTERS:
        letters = beginning.rstrip("".join(map(chr, FLAG_LETTERS)))
        return (len(beginning) - len(letters)) % 2 == 1
    if next_code in LEADING_JAMO or next_code in SYLLABLES:
        return last in LEADING_JAMO
    is_hangul = last in LEADING_JAMO or last in OTHER_JAMO or last in SYLLABLES
    return next_code in OTHER_JAMO and is_hangul


def _extends_character(code: int) -> bool:
    is_mark = unicodedata.category(chr(code)).startswith("M")
    return is_mark or code in JOINERS_AND_TONES or 0xE0020 <= code < 0xE0080
