from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from cgraph.search.models import SimilarPosts
from tests.feature.forum import Forum, new_forum
from tests.feature.search.indexing import index
from tests.feature.world import Answer, Person, World


async def similar(person: Person, forum: Forum, title: str, **parameters: Any) -> Answer:
    query = urlencode({"title": title, **parameters})
    return await forum.call(person, "list_similar_posts", query=query)


async def titles(person: Person, forum: Forum, title: str, **parameters: Any) -> list[str]:
    answer = await similar(person, forum, title, **parameters)
    assert answer.status == 200, answer
    assert SimilarPosts.model_validate(answer.body).model_dump(mode="json") == answer.body
    return [post["title"] for post in answer.body["items"]]


async def test_the_most_similar_posts_of_the_forum_come_first(
    world: World, ada: Person, grace: Person
) -> None:
    rare = uuid4().hex[:10]
    forum, other = await new_forum(ada), await new_forum(ada)
    for title in (f"How hot for {rare} oolong tea?", "How hot is the weather?", "Cups and plates"):
        await forum.post(ada, title=title)
    await other.post(ada, title=f"How hot for {rare} oolong tea?")
    await index(world)

    found = await titles(grace, forum, f"How hot must {rare} oolong be?")
    assert found[0] == f"How hot for {rare} oolong tea?"
    assert "Cups and plates" not in found and found.count(found[0]) == 1
    assert len(await titles(grace, forum, f"How hot must {rare} oolong be?", limit=1)) == 1


async def test_what_lists_leave_out_is_no_similar_post(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    rare = uuid4().hex[:10]
    forum = await new_forum(ada)
    posts = [await forum.post(grace, title=f"{rare} number {number}") for number in range(3)]
    await index(world)
    await ada.call("remove_post", {"reason": "spam"}, id=posts[0]["id"])
    await grace.call("delete_post", id=posts[1]["id"])

    assert await titles(eve, forum, rare) == [f"{rare} number 2"]
    await eve.call("block_user", user_id=grace.id)
    assert await titles(eve, forum, rare) == []


async def test_a_private_forum_does_not_exist_for_others(
    world: World, ada: Person, eve: Person
) -> None:
    forum = await new_forum(ada, visibility="private")
    await forum.post(ada, title="A secret")
    await index(world)

    assert (await similar(eve, forum, "A secret")).refusal == (404, "forum_not_found")
    assert await titles(ada, forum, "A secret") == ["A secret"]
    assert (await similar(ada, forum, " ")).refusal == (422, "validation_failed")
