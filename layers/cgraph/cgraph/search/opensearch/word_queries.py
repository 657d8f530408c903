"""The words of a search as queries of OpenSearch. No word has a syntax here."""

from collections.abc import Sequence
from typing import Any

from cgraph.search.engine import Words
from cgraph.search.opensearch.visibility import Clause, any_of

TITLE_WEIGHT = 3
BEGUN_WEIGHT = 0.5
"""Of a word that only begins so, beside the word itself."""

OTHER_FIELD_WEIGHT = 0.3
"""Of the field that matches less well, where both do."""

FUZZINESS = "AUTO:4,8"
"""One wrong letter from four letters on, two from eight on."""

CORRECTED_LETTERS = 4

_FIELDS = [f"title^{TITLE_WEIGHT}", "body"]

_CJK = ((0x2E80, 0xA4CF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC), (0x20000, 0x3FFFF))


def word_clauses(words: Words) -> list[Clause]:
    """One for each word and phrase that must match."""
    begun = words.all[-1:] if words.last_is_begun else ()
    whole = words.all[: len(words.all) - len(begun)]
    return [
        *(whole_word(word) for word in whole),
        *(begun_word(word) for word in begun),
        *(whole_word(phrase) for phrase in words.phrases),
    ]


def excluded_clauses(words: Words) -> list[Clause]:
    return [whole_word(text, if_empty="none") for text in words.excluded]


def whole_word(text: str, *, if_empty: str = "all") -> Clause:
    """A word or a phrase: what the analyzer makes of it must follow each other in one field. What
    it makes nothing of, as of a stop word, matches everything.
    """
    return _match(
        text, _FIELDS, type="phrase", zero_terms_query=if_empty, tie_breaker=OTHER_FIELD_WEIGHT
    )


def begun_word(text: str) -> Clause:
    if has_cjk(text):  # each of its pairs is a term anyway
        return whole_word(text)
    begun = _match(
        text,
        [f"title.begun^{TITLE_WEIGHT}", "body.begun"],
        operator="and",
        zero_terms_query="all",
        boost=BEGUN_WEIGHT,
    )
    return any_of(whole_word(text, if_empty="none"), begun)


def begun_title(text: str) -> Clause:
    """Each word must be the beginning of one in the title."""
    return _match(text, ["title.begun"], operator="and")


def any_words(text: str) -> Clause:
    """A third of the words, or more: the rare ones count most."""
    return _match(text, _FIELDS, type="most_fields", minimum_should_match="34%")


def misspelt_word(text: str) -> Clause:
    return _match(text, ["title", "body"], fuzziness=FUZZINESS, prefix_length=1, max_expansions=50)


def is_correctable(word: str) -> bool:
    """Not short words, in which any letter makes another word, numbers and names like E1234."""
    return len(word) >= CORRECTED_LETTERS and word.isalpha() and not has_cjk(word)


def has_cjk(text: str) -> bool:
    return any(low <= ord(letter) <= high for letter in text for low, high in _CJK)


def _match(text: str, fields: Sequence[str], **options: Any) -> Clause:
    return {"multi_match": {"query": text, "fields": list(fields), **options}}
