"""The right words for misspelt ones. The words of all documents are tried, and those of documents
that the viewer may find are taken.
"""

from collections.abc import Sequence

from cgraph.core.database import Transaction
from cgraph.search.engine import Query
from cgraph.search.postgres import queries
from cgraph.search.postgres.models import SimilarWord

MAX_WORDS = 8
"""Of a search with more words, none is corrected."""
CANDIDATES = 8
"""Of one word."""
CORRECTED_LETTERS = 4
LONG_WORD = 8
"""From so many letters on, two of them may be wrong."""


async def corrected_words(tx: Transaction, query: Query) -> list[str] | None:
    """All words of the query, the misspelt ones corrected; None where nothing can be corrected."""
    words = query.words.all
    if not words or len(words) > MAX_WORDS:
        return None
    folded = await queries.folded_words(tx, words)
    misspelt = sorted({word for word in folded if word is not None and _is_correctable(word)})
    similar = await queries.similar_words(tx, misspelt) if misspelt else []
    candidates = [[word, *_best(fold, similar)] for word, fold in zip(words, folded, strict=True)]
    if all(len(each) == 1 for each in candidates):
        return None
    chosen = await queries.visible_words(tx, query, candidates=candidates)
    return chosen if chosen != list(words) else None


def _is_correctable(word: str) -> bool:
    """Not short words, in which any letter makes another word, numbers, and names like E12."""
    return len(word) >= CORRECTED_LETTERS and word.isalpha()


def _best(word: str | None, similar: Sequence[SimilarWord]) -> list[str]:
    near = [
        (distance(word, each.word), -each.weight, each.word)
        for each in similar
        if each.misspelt == word and word is not None
    ]
    limit = 1 if word is None or len(word) < LONG_WORD else 2
    return [each for wrong, _, each in sorted(near) if wrong <= limit][:CANDIDATES]


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
