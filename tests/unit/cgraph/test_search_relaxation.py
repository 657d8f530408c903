"""When a query is relaxed, and that its further pages are too"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from cgraph.core.ids import UserId
from cgraph.search import relaxation
from cgraph.search.engine import DocumentKey, Hit, Query, Results, Viewer, Words

NOBODY: frozenset[UUID] = frozenset()
VIEWER = Viewer(UserId(UUID(int=1)), {}, NOBODY, NOBODY, NOBODY, NOBODY)
LONG = Words(all=["how", "to", "store", "beans"])


@dataclass
class RecordingEngine:
    """Answers with so many texts that have all the words, or some of them."""

    with_all: int
    with_some: int
    corrected: Sequence[str] = ()
    queries: list[Query] = field(default_factory=list)

    async def search(self, query: Query) -> Results:
        self.queries.append(query)
        total = self.with_some if query.words.some_of_all else self.with_all
        hits = [Hit(DocumentKey("post", UUID(int=n)), 1.0) for n in range(min(total, query.limit))]
        corrected = () if query.words.some_of_all else self.corrected
        return Results(hits, total, "further" if total > query.limit else None, corrected)

    async def suggest(self, viewer: Viewer, beginning: str, *, limit: int) -> list[DocumentKey]:
        raise NotImplementedError

    async def similar_posts(
        self, viewer: Viewer, title: str, *, places: frozenset[UUID], limit: int
    ) -> list[DocumentKey]:
        raise NotImplementedError


async def test_a_query_that_few_texts_answer_is_relaxed() -> None:
    engine = RecordingEngine(with_all=9, with_some=50)
    results = await relaxation.search(engine, Query(VIEWER, LONG))
    assert (results.total, results.is_relaxed) == (50, True)
    assert [query.words.some_of_all for query in engine.queries] == [False, True]


@pytest.mark.parametrize(
    "query",
    [
        Query(VIEWER, Words(all=["store", "beans"])),
        Query(VIEWER, Words(phrases=["store the beans well"])),
        Query(VIEWER, LONG, sort="newest"),
        Query(VIEWER, LONG, position="further"),
    ],
)
async def test_short_queries_newest_first_and_later_pages_are_not_relaxed(query: Query) -> None:
    engine = RecordingEngine(with_all=1, with_some=50)
    results = await relaxation.search(engine, query)
    assert (results.total, results.is_relaxed, engine.queries) == (1, False, [query])


async def test_a_query_that_enough_texts_answer_is_not_relaxed() -> None:
    engine = RecordingEngine(with_all=10, with_some=50)
    results = await relaxation.search(engine, Query(VIEWER, LONG))
    assert (results.total, results.is_relaxed, len(engine.queries)) == (10, False, 1)


async def test_results_without_more_texts_do_not_count_as_relaxed() -> None:
    engine = RecordingEngine(with_all=3, with_some=3)
    assert not (await relaxation.search(engine, Query(VIEWER, LONG))).is_relaxed


async def test_the_next_page_of_relaxed_results_is_relaxed() -> None:
    engine = RecordingEngine(with_all=1, with_some=50)
    first = await relaxation.search(engine, Query(VIEWER, LONG))
    engine.queries.clear()
    second = await relaxation.search(engine, Query(VIEWER, LONG, position=first.next))
    (query,) = engine.queries
    assert (query.position, query.words.some_of_all) == ("further", True)
    assert second.next is not None and second.next == first.next


async def test_misspelt_words_are_corrected_before_a_query_is_relaxed() -> None:
    engine = RecordingEngine(with_all=0, with_some=5, corrected=["store", "coffee", "beans"])
    results = await relaxation.search(engine, Query(VIEWER, Words(all=["stroe", "cofee", "baens"])))
    assert engine.queries[-1].words.all == ["store", "coffee", "beans"]
    assert results.corrected == ["store", "coffee", "beans"]
