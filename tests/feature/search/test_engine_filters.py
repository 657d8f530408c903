"""Filters, facets, total and order, in every engine"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cgraph.search.engine import COUNTED_AT_MOST, Document, Filters, Words
from tests.feature.search.engine_target import CREATED_AT, Shelf

ADA, GRACE, POST = (UUID(int=number) for number in (0xADA, 0x62ACE, 0x9057))
DAY = timedelta(days=1)

FILTERS: list[tuple[Filters, set[str]]] = [
    (Filters(types=frozenset({"post"})), {"post", "answered post"}),
    (Filters(types=frozenset({"comment"})), {"answer", "comment"}),
    (Filters(types=frozenset({"comment", "post"})), {"post", "answered post", "answer", "comment"}),
    (Filters(authors=frozenset({ADA})), {"post", "answer"}),
    (Filters(authors=frozenset({ADA, GRACE})), {"post", "answer", "answered post", "comment"}),
    (Filters(excluded_authors=frozenset({ADA})), {"answered post", "comment"}),
    (Filters(authors=frozenset({UUID(int=1)})), set()),
    (Filters(post_id=POST), {"answer", "comment"}),
    (Filters(features=frozenset({"link"})), {"post"}),
    (Filters(features=frozenset({"link", "code"})), {"post", "answer"}),
    (Filters(tags=frozenset({"tea"})), {"post", "answered post"}),
    (Filters(tags=frozenset({"tea", "milk"})), {"post", "answered post"}),
    (Filters(tags=frozenset({"TEA"})), set()),
    (Filters(before=CREATED_AT), {"post"}),
    (Filters(after=CREATED_AT), {"answered post", "answer", "comment"}),
    (Filters(after=CREATED_AT, before=CREATED_AT + DAY), {"answered post"}),
    (Filters(is_answered=True), {"answered post"}),
    (Filters(is_answered=False, types=frozenset({"post"})), {"post"}),
    (
        Filters(types=frozenset({"post"}), authors=frozenset({GRACE}), tags=frozenset({"tea"})),
        {"answered post"},
    ),
]


def stocked(shelf: Shelf) -> list[Document]:
    def document(name: str, type: Any = "comment", *, days: int, **changes: Any) -> Document:
        created_at = CREATED_AT + days * DAY
        return shelf.document(name, type, body="the same text", created_at=created_at, **changes)

    return [
        document("post", "post", days=-1, author_id=ADA, features=("link", "image"), tags=("tea",)),
        document(
            "answered post", "post", days=0, author_id=GRACE, tags=("tea", "milk"), is_answered=True
        ),
        document(
            "answer", days=1, author_id=ADA, post_id=POST, features=("code",), is_accepted=True
        ),
        document("comment", days=2, author_id=GRACE, post_id=POST),
    ]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
@pytest.mark.parametrize("text", ["same", ""])
async def test_filters(shelf: Shelf, filters: Filters, expected: set[str], text: str) -> None:
    await shelf.write(*stocked(shelf))
    results = await shelf.search(text, filters=filters)
    assert set(shelf.named(hit.key for hit in results.hits)) == expected
    assert results.total == len(expected)


async def test_places_filter(shelf: Shelf) -> None:
    await shelf.write(
        shelf.document("here", body="text"),
        shelf.document("there", body="text", place_id=shelf.second_place),
    )
    there = Filters(places=frozenset({shelf.second_place}))
    assert await shelf.found("text", filters=there) == ["there"]
    assert await shelf.found("text", filters=Filters(places=frozenset({shelf.place}))) == ["here"]


async def test_facets_count_all_that_is_found(shelf: Shelf) -> None:
    await shelf.write(*stocked(shelf))
    results = await shelf.search(
        "same", facets=frozenset({"type", "place", "author", "tag"}), limit=1
    )
    assert {facet: dict(counts) for facet, counts in results.facets.items()} == {
        "type": {"post": 2, "comment": 2},
        "place": {str(shelf.place): 4},
        "author": {str(ADA): 2, str(GRACE): 2},
        "tag": {"tea": 2, "milk": 1},
    }
    assert next(iter(results.facets["tag"])) == ("tea", 2), "the commonest comes first"


async def test_facets_follow_the_filters(shelf: Shelf) -> None:
    await shelf.write(*stocked(shelf))
    filters = Filters(types=frozenset({"post"}))
    results = await shelf.search("same", filters=filters, facets=frozenset({"author"}))
    assert dict(results.facets["author"]) == {str(ADA): 1, str(GRACE): 1}
    assert set(results.facets) == {"author"}


async def test_the_total_is_counted_up_to_a_bound(shelf: Shelf) -> None:
    number = COUNTED_AT_MOST + 10
    await shelf.write(*(shelf.document("x", "comment", body="many") for _ in range(number)))
    results = await shelf.search("many", limit=5)
    assert (len(results.hits), results.total) == (5, COUNTED_AT_MOST)
    few = await shelf.search("none such")
    assert (few.total, few.next) == (0, None)


async def test_newest_sorts_by_time(shelf: Shelf) -> None:
    await shelf.write(*stocked(shelf))
    assert await shelf.found("same", sort="newest") == [
        "comment",
        "answer",
        "answered post",
        "post",
    ]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"title": "Zorping tea"}, {"title": "Else", "body": "About zorping tea, and more"}),
        ({"body": "zorping"}, {"body": "zorping " + "and much else that is long " * 40}),
        ({"created_at": CREATED_AT + 300 * DAY}, {"created_at": CREATED_AT - 3000 * DAY}),
        ({"score": 100}, {"score": 0}),
        ({"score": 0}, {"score": -100}),
        ({"is_accepted": True}, {"is_accepted": False}),
    ],
)
async def test_relevance(shelf: Shelf, better: dict[str, Any], worse: dict[str, Any]) -> None:
    """By the words, and with the same words by recency, score and acceptance."""
    same = {"body": "about zorping tea"}
    await shelf.write(
        shelf.document("worse", **{**same, **worse}), shelf.document("better", **{**same, **better})
    )
    assert await shelf.found(Words(all=["zorp"])) == ["better", "worse"]
