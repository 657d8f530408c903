"""Where the words of a search are in a text, as ranges of code points.

They are found in the text that is shown, never in an index: what a reader may not see is not there.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from cgraph.search.forms import other_forms
from cgraph.search.signs import EMOJI, LANGUAGE, spell_signs

RANGES_AT_MOST = 100
"""In one field."""

FIELDS = {
    "message": ("content",),
    "post": ("title", "body"),
    "comment": ("body",),
    "forum": ("name", "slug", "description"),
    "user": ("display_name", "username", "bio"),
}
"""What is searched, by the names that the API has for it."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f\U00020000-\U0003ffff"
_WORD = re.compile(
    rf"(?P<run>[{_CJK}]+)|{LANGUAGE}|[{EMOJI}]|[^\W_{_CJK}](?:[^\W_{_CJK}]|[\u0300-\u036f]|['\u2019\u02bc](?=[^\W_{_CJK}]))*"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = re.compile("'s?$|'")
_LETTERS = str.maketrans({
    "\u2019": "'", "\u02bc": "'", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i",
    "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip


def highlights_of(type: str, item: str, words: Collection[str]) -> dict[str, list[list[int]]]:
    """`item`: JSON as the API shows it. `words`: those that match, as search_text() in
    infra/schema/search/words.sql folds them.
    """
    if not words:
        return {}
    shown: dict[str, Any] = json.loads(item)
    found = {name: ranges_in(shown[name], words) for name in FIELDS[type]}
    return {name: ranges for name, ranges in found.items() if ranges}


def ranges_in(text: str, words: Collection[str]) -> list[list[int]]:
    """The first code point of each range and the one after its last, in order, apart."""
    ranges: list[list[int]] = []
    for start, end in _matches(text, words):
        if ranges and start <= ranges[-1][1]:
            ranges[-1][1] = max(end, ranges[-1][1])
        elif len(ranges) == RANGES_AT_MOST:
            break
        else:
            ranges.append([start, end])
    return ranges


def _matches(text: str, words: Collection[str]) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(text):
        if match["run"] is None:
            forms = [match[0], *other_forms(match[0])]
            if any(part in words for form in forms for part in fold(form).split()):
                yield match.span()
            continue
        for at in range(match.start(), match.end()):
            pair = text[at : min(at + 2, match.end())]
            if fold(pair) in words:
                yield at, at + len(pair)


def fold(word: str) -> str:
    """As search_text() does, without its pairs of characters."""
    word = spell_signs(word)
    if word.isascii():
        return _APOSTROPHES.sub("", word.lower())
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word))
    folded = unicodedata.normalize("NFKC", plain).lower().translate(_LETTERS)
    return re.sub(r"[\W_]+", " ", _APOSTROPHES.sub("", folded)).strip()
