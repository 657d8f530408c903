"""The right words for misspelt ones, from documents that the viewer may see.

OpenSearch's own suggesters know the words of all documents, so they would tell of private ones.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cgraph.search.engine import Query
from cgraph.search.forms import JOINER
from cgraph.search.misspellings import LONG_WORD, MAX_WORDS, distance
from cgraph.search.opensearch import word_queries
from cgraph.search.opensearch.query_body import MARKS, existence_body, misspelling_body
from cgraph.search.opensearch.visibility import Clause


def correction_bodies(query: Query) -> list[dict[str, Any]]:
    """Two for each word: is it anywhere, and what is like it? None if nothing can be corrected."""
    words = query.words.all
    if len(words) > MAX_WORDS or not any(map(word_queries.is_correctable, words)):
        return []
    bodies = []
    for word, clause in zip(words, _clauses(query), strict=True):
        bodies.append(existence_body(query.viewer, clause))
        bodies.append(misspelling_body(query.viewer, query.filters, word))
    return bodies


def corrected_words(query: Query, answers: Sequence[dict[str, Any]]) -> list[str] | None:
    """All words of the query, the misspelt ones corrected. None where that is not possible."""
    words = [
        _corrected(word, exists=answers[2 * number], alike=answers[2 * number + 1])
        for number, word in enumerate(query.words.all)
    ]
    known = [word for word in words if word is not None]
    return known if len(known) == len(words) and known != list(query.words.all) else None


def _clauses(query: Query) -> Iterator[Clause]:
    last = len(query.words.all) - 1
    for number, word in enumerate(query.words.all):
        is_begun = query.words.last_is_begun and number == last
        yield word_queries.begun_word(word) if is_begun else word_queries.whole_word(word)


def _corrected(word: str, *, exists: dict[str, Any], alike: dict[str, Any]) -> str | None:
    if exists["hits"]["total"]["value"] > 0 or word_queries.is_stop_word(word):
        return word
    if not word_queries.is_correctable(word):
        return None
    counts = Counter(_highlighted(alike["hits"]["hits"]))
    distances = {each: distance(word.casefold(), each) for each in counts}
    near = [each for each in counts if distances[each] <= _farthest(word)]
    return min(near, key=lambda each: (distances[each], -counts[each], each), default=None)


def _farthest(word: str) -> int:
    """One mistake or two, and an ending."""
    return 2 if len(word) < LONG_WORD else 3


def _highlighted(hits: Iterable[dict[str, Any]]) -> Iterator[str]:
    for hit in hits:
        for fragments in hit.get("highlight", {}).values():
            for fragment in fragments:
                for part in fragment.split(MARKS[0])[1:]:
                    yield from part.partition(MARKS[1])[0].casefold().split(JOINER)
