"""The right words for misspelt ones, from documents that the viewer may see.

OpenSearch's own suggesters know the words of all documents, so they would tell of private ones.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cgraph.search.engine import Query
from cgraph.search.opensearch import word_queries
from cgraph.search.opensearch.query_body import MARKS, existence_body, misspelling_body
from cgraph.search.opensearch.visibility import Clause

MAX_WORDS = 8
"""Of a search with more words, none is corrected."""


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
    if exists["hits"]["total"]["value"] > 0:
        return word
    if not word_queries.is_correctable(word):
        return None
    counts = Counter(_highlighted(alike["hits"]["hits"]))
    lowered = word.casefold()
    return min(
        counts, key=lambda each: (distance(lowered, each), -counts[each], each), default=None
    )


def _highlighted(hits: Iterable[dict[str, Any]]) -> Iterator[str]:
    for hit in hits:
        for fragments in hit.get("highlight", {}).values():
            for fragment in fragments:
                for part in fragment.split(MARKS[0])[1:]:
                    yield part.partition(MARKS[1])[0].casefold()


def distance(one: str, other: str) -> int:
    """How many letters are inserted, deleted, replaced or swapped with their neighbour."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, second in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != second))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == second:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
