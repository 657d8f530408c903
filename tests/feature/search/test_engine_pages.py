"""Pages, in every engine"""

from datetime import timedelta

import pytest

from cgraph.search.engine import Sort
from tests.feature.search.engine_target import CREATED_AT, Shelf


async def _all_pages(shelf: Shelf, *, sort: Sort, limit: int) -> list[str]:
    names: list[str] = []
    position: str | None = None
    while True:
        results = await shelf.search("paged", sort=sort, limit=limit, position=position)
        names += shelf.named(hit.key for hit in results.hits)
        assert len(results.hits) == limit or results.next is None
        if results.next is None:
            return names
        position = results.next


@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_the_pages_together_are_all_that_is_found(shelf: Shelf, sort: Sort) -> None:
    """Also where many have the same score and the same time."""
    _skip_on_the_fake(shelf, sort)
    await shelf.write(
        *(
            shelf.document(
                str(number),
                body="paged " + "word " * (number % 3),
                created_at=CREATED_AT + timedelta(days=number % 4),
            )
            for number in range(30)
        )
    )
    names = await _all_pages(shelf, sort=sort, limit=7)
    assert sorted(names) == sorted(str(number) for number in range(30))
    whole = await shelf.found("paged", sort=sort, limit=30)
    assert names == whole


@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_no_page_repeats_while_documents_are_written(shelf: Shelf, sort: Sort) -> None:
    documents = [
        shelf.document(str(number), title="paged", body="word " * (number % 5), score=number)
        for number in range(40)
    ]
    await shelf.write(*documents)
    seen: list[str] = []
    position: str | None = None
    for round in range(20):
        results = await shelf.search("paged", sort=sort, limit=5, position=position)
        seen += shelf.named(hit.key for hit in results.hits)
        position = results.next
        if position is None:
            break
        new = [
            shelf.document(f"new {round}.{number}", title="paged paged", score=1000 * number)
            for number in range(10)
        ]
        await shelf.write(*new)
    repeated = {name for name in seen if seen.count(name) > 1}
    assert not repeated
    assert {str(number) for number in range(40)} <= set(seen) or sort == "relevance"


@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_the_last_page_says_so(shelf: Shelf, sort: Sort) -> None:
    _skip_on_the_fake(shelf, sort)
    await shelf.posts(one="paged", two="paged")
    first = await shelf.search("paged", sort=sort, limit=1)
    assert first.next is not None
    last = await shelf.search("paged", sort=sort, limit=1, position=first.next)
    assert last.next is None
    assert (first.total, last.total) == (2, 2)
    assert first.hits[0].key != last.hits[0].key


def _skip_on_the_fake(shelf: Shelf, sort: Sort) -> None:
    if (shelf.target.name, sort) == ("fake", "relevance"):
        pytest.skip("the fake compares scores with more digits than it returns")
