"""A long query finds texts that have some of its words, where too few have all of them.

People ask in whole sentences, and then hardly any text has all the words, the right ones neither.
"""

from dataclasses import replace

from cgraph.search.engine import Query, Results, SearchEngine

FEW = 10
"""With fewer texts that have all the words, others are found too."""
LEAST_WORDS = 3
"""Of a query; of fewer words each was meant."""

_MARK = "~"
"""Before the position of a page of relaxed results: the next one must be relaxed too."""


def needed_words(number: int) -> int:
    """How many of so many words that are no stop words a text must have at least."""
    return max(1, number // 3)


async def search(engine: SearchEngine, query: Query) -> Results:
    """Raises EngineUnavailable."""
    if query.position is not None and query.position.startswith(_MARK):
        return await _relaxed(engine, replace(query, position=query.position.removeprefix(_MARK)))
    results = await engine.search(query)
    if not _is_relaxable(query) or results.total >= FEW:
        return results
    words = replace(query.words, all=results.corrected or query.words.all)
    relaxed = await _relaxed(engine, replace(query, words=words))
    if relaxed.total <= results.total:
        return results
    return replace(relaxed, corrected=results.corrected)


def _is_relaxable(query: Query) -> bool:
    """By time, texts with some of the words would come before those that have all of them."""
    return (
        query.position is None and query.sort == "relevance" and len(query.words.all) >= LEAST_WORDS
    )


async def _relaxed(engine: SearchEngine, query: Query) -> Results:
    results = await engine.search(replace(query, words=replace(query.words, some_of_all=True)))
    next = None if results.next is None else _MARK + results.next
    return replace(results, next=next, is_relaxed=True)
