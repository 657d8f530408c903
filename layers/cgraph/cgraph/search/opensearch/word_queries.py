"""The words of a search as queries of OpenSearch. No word has a syntax here."""

from collections.abc import Sequence
from typing import Any

from cgraph.search import misspellings
from cgraph.search.engine import Words
from cgraph.search.forms import spelt_out
from cgraph.search.opensearch.index_settings import STOP_WORDS, WORDS
from cgraph.search.opensearch.visibility import Clause, any_of
from cgraph.search.relaxation import needed_words
from cgraph.search.signs import spell_signs

BEGUN_WEIGHT = 0.5
"""Of a word that only begins so, beside the word itself."""

OTHER_FIELD_WEIGHT = 0.3
"""Of the field that matches less well, where both do."""

NEAR_WORDS = 4
"""So many places words may be moved by, all together, to be close to each other."""

FUZZINESS = "AUTO:4,8"
"""One wrong letter from four letters on, two from eight on."""

ALL_WORDS_SCORE = 100
"""Of a text that has all words, where some are enough. The words themselves bring less."""

# A title is short, for which its words count more already. With more weight on it, other questions
# come before the answers (decision 0140).
_FIELDS = ["title", "body"]

_CJK = ((0x2E80, 0xA4CF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC), (0x20000, 0x3FFFF))


def word_clauses(words: Words) -> list[Clause]:
    """One for each word and phrase that must match."""
    phrases = [_phrase(phrase) for phrase in words.phrases]
    if words.some_of_all:
        return [_some_words(words), *phrases]
    return [*_all_words(words), *phrases]


def near_clauses(words: Words) -> list[Clause]:
    """What texts have beside the words that must match, in which these are close to each other."""
    counting = [word for word in words.all if not is_stop_word(word)]
    text = " ".join(counting)
    if len(counting) < 2 or words.some_of_all or has_cjk(text):
        return []
    type = "phrase_prefix" if words.last_is_begun else "phrase"
    return [_match(text, _FIELDS, type=type, slop=NEAR_WORDS, tie_breaker=OTHER_FIELD_WEIGHT)]


def excluded_clauses(words: Words) -> list[Clause]:
    """A stop word excludes nothing."""
    texts = (text for text in words.excluded if not is_stop_word(text))
    return [_phrase(text, if_empty="none") for text in texts]


def _all_words(words: Words, *, if_empty: str = "all") -> list[Clause]:
    """Stop words count only where there is nothing else."""
    begun = words.all[-1:] if words.last_is_begun else ()
    whole = words.all[: len(words.all) - len(begun)]
    counting = [word for word in whole if not is_stop_word(word)]
    if not (counting or begun or words.phrases):
        counting = list(whole)
    return [
        *(whole_word(word, if_empty=if_empty) for word in counting),
        *(begun_word(word) for word in begun),
    ]


def _some_words(words: Words) -> Clause:
    clauses = _all_words(words, if_empty="none")
    all_words = {"bool": {"must": _all_words(words)}}
    return {
        "bool": {
            "must": {
                "bool": {"should": clauses, "minimum_should_match": needed_words(len(clauses))}
            },
            "should": {"constant_score": {"filter": all_words, "boost": ALL_WORDS_SCORE}},
        }
    }


def whole_word(text: str, *, if_empty: str = "all") -> Clause:
    """A word that has signs in it is its parts, which must follow each other. What the analyzer
    makes nothing of, as of a sign, matches everything.
    """
    return _phrase(text, if_empty=if_empty)


def _phrase(text: str, *, if_empty: str = "all") -> Clause:
    """What the analyzer makes of the text must follow each other in one field. With umlauts, also
    as it is written without them.
    """
    if (spelt := spelt_out(text)) != text and not has_cjk(text):
        return any_of(_phrase_of(text, if_empty=if_empty), _phrase_of(spelt, if_empty="none"))
    return _phrase_of(text, if_empty=if_empty)


def _phrase_of(text: str, *, if_empty: str) -> Clause:
    options: dict[str, Any] = {"zero_terms_query": if_empty, "tie_breaker": OTHER_FIELD_WEIGHT}
    if has_cjk(text) and not _is_one_run(text):
        options["analyzer"] = WORDS
    return _match(text, _FIELDS, type="phrase", **options)


def begun_word(text: str) -> Clause:
    if has_cjk(text):  # each of its pairs is a term anyway
        return whole_word(text)
    begun = [
        _match(
            form,
            ["title.begun", "body.begun"],
            operator="and",
            zero_terms_query="all",
            boost=BEGUN_WEIGHT,
        )
        for form in _forms(text)
    ]
    return any_of(whole_word(text, if_empty="none"), *begun)


def begun_title(text: str) -> Clause:
    """Each word must be the beginning of one in the title."""
    return any_of(*(_match(form, ["title.begun"], operator="and") for form in _forms(text)))


def any_words(text: str) -> Clause:
    """A third of the words, or more: the rare ones count most."""
    return any_of(
        *(
            _match(form, _FIELDS, type="most_fields", minimum_should_match="34%")
            for form in _forms(text)
        )
    )


def misspelt_word(text: str) -> Clause:
    """By the words too, not only by their stems: confrence and conference have different ones."""
    fields = ["title", "body", "title.begun", "body.begun"]
    return _match(text, fields, fuzziness=FUZZINESS, prefix_length=1, max_expansions=50)


def is_correctable(word: str) -> bool:
    """Nor Chinese, Japanese and Korean: their terms are pairs of characters."""
    return misspellings.is_correctable(word) and not has_cjk(word)


def is_stop_word(text: str) -> bool:
    return text.casefold().strip("?!.,;:()\"'’") in STOP_WORDS


def _is_one_run(text: str) -> bool:
    """Nothing but Chinese, Japanese and Korean characters, and more than one: then its pairs follow
    each other in the index. Elsewhere the characters between the pairs count too.
    """
    return len(text) > 1 and all(letter.isalnum() and has_cjk(letter) for letter in text)


def has_cjk(text: str) -> bool:
    return any(low <= ord(letter) <= high for letter in text for low, high in _CJK)


def _forms(text: str) -> list[str]:
    """With umlauts, and as it is written without them."""
    return list(dict.fromkeys((text, spelt_out(text))))


def _match(text: str, fields: Sequence[str], **options: Any) -> Clause:
    return {"multi_match": {"query": spell_signs(text), "fields": list(fields), **options}}
