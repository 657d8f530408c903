"""Comments of a moved post are found in its new forum, by those who read that, in every engine"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from cgraph.search.opensearch import indexes
from tests.feature.forum import Forum, Thread, new_forum
from tests.feature.search.indexing import index
from tests.feature.search.opensearch_target import SearchClient
from tests.feature.search.test_search_documents import found
from tests.feature.world import Person, World

COMMENTS = 3

pytestmark = pytest.mark.usefixtures("few_documents")

Follow = Callable[[], Awaitable[None]]


@pytest.fixture
async def follow(world: World, search_engine: str) -> Follow:
    """Until the index has all that was written."""
    await world.sql("DELETE FROM consumers WHERE name = 'opensearch'")  # each index begins empty

    async def follow_opensearch() -> None:
        url, prefix = world.opensearch
        left = True
        while left:
            answer = await world.work_off("workers.index_in_opensearch", {"shard": None})
            assert answer["batchItemFailures"] == []
            rows = await world.sql("SELECT FROM reindexed_places WHERE consumer = 'opensearch'")
            left = bool(rows)
        client = SearchClient(url)
        await indexes.refresh(client, prefix=prefix)
        client.close()

    async def follow_postgres() -> None:
        await index(world)

    return follow_postgres if search_engine == "postgres" else follow_opensearch


async def _discussion(world: World, forum: Forum, author: Person, word: str) -> Thread:
    post = await forum.post(author, title=f"About {word}")
    thread = Thread(world, forum, post["id"])
    for number in range(COMMENTS):
        await thread.comment(author, f"{word} comment {number}")
    return thread


async def _count(person: Person, word: str, forum: Forum | None = None) -> int:
    """Of comments, on all pages."""
    within = {"in": forum.slug} if forum else {}
    return len(await found(person, word, type="comment", limit=50, **within))


async def test_of_a_post_that_moves_into_a_private_forum(
    world: World, ada: Person, grace: Person, eve: Person, follow: Follow
) -> None:
    word = f"w{uuid4().hex[:10]}"
    old, new = await new_forum(ada), await new_forum(ada, visibility="private")
    thread = await _discussion(world, old, grace, word)
    await follow()
    assert [await _count(eve, word, place) for place in (None, old, new)] == [COMMENTS, COMMENTS, 0]
    answer = await ada.call("move_post", {"forum": new.slug}, id=thread.post)
    assert answer.status == 200, answer

    assert await _count(eve, word) == await _count(eve, word, old) == 0, "at once"
    await follow()
    assert [await _count(ada, word, place) for place in (None, old, new)] == [COMMENTS, 0, COMMENTS]
    assert [await _count(eve, word, place) for place in (None, old, new)] == [0, 0, 0]
    totals = await eve.call("search_documents", query=f"q={word}&facets=place")
    assert (totals.body["total"]["count"], totals.body["facets"]["place"]) == (0, [])


async def test_of_a_post_that_moves_out_of_a_private_forum(
    world: World, ada: Person, eve: Person, follow: Follow
) -> None:
    word = f"w{uuid4().hex[:10]}"
    old, new = await new_forum(ada, visibility="private"), await new_forum(ada)
    thread = await _discussion(world, old, ada, word)
    await follow()
    assert [await _count(eve, word, place) for place in (None, old, new)] == [0, 0, 0]
    answer = await ada.call("move_post", {"forum": new.slug}, id=thread.post)
    assert answer.status == 200, answer

    await follow()
    for person in (ada, eve):
        counts = [await _count(person, word, place) for place in (None, old, new)]
        assert counts == [COMMENTS, 0, COMMENTS], person
    banned = await new.call(ada, "ban_user", {"reason": "spam"}, user_id=eve.id)
    assert banned.status in (200, 201), banned
    assert [await _count(eve, word, place) for place in (None, new)] == [0, 0]
