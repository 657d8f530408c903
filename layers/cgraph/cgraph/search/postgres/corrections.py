"""The right words for misspelt ones. The words of all documents are tried, and those of documents
that the viewer may find are taken.
"""

from collections.abc import Sequence

from cgraph.core.database import Transaction
from cgraph.search.engine import Query
from cgraph.search.misspellings import LONG_WORD, MAX_WORDS, distance, is_correctable
from cgraph.search.postgres import queries
from cgraph.search.postgres.models import SimilarWord

CANDIDATES = 8
"""Of one word."""


async def corrected_words(tx: Transaction, query: Query) -> list[str] | None:
    """All words of the query, the misspelt ones corrected; None where nothing can be corrected."""
    words = query.words.all
    if not words or len(words) > MAX_WORDS:
        return None
    folded = await queries.folded_words(tx, words)
    misspelt = sorted({word for word in folded if word is not None and is_correctable(word)})
    similar = await queries.similar_words(tx, misspelt) if misspelt else []
    candidates = [[word, *_best(fold, similar)] for word, fold in zip(words, folded, strict=True)]
    if all(len(each) == 1 for each in candidates):
        return None
    chosen = await queries.visible_words(tx, query, candidates=candidates)
    return chosen if chosen != list(words) else None


def _best(word: str | None, similar: Sequence[SimilarWord]) -> list[str]:
    near = [
        (distance(word, each.word), -each.weight, each.word)
        for each in similar
        if each.misspelt == word and word is not None
    ]
    limit = 1 if word is None or len(word) < LONG_WORD else 2
    return [each for wrong, _, each in sorted(near) if wrong <= limit][:CANDIDATES]
