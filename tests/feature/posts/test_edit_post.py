from __future__ import annotations

import asyncio

import pytest

from cgraph.forums.posts.models import Post
from tests.feature.forum import new_forum, post_events
from tests.feature.world import Person


async def test_each_version_is_edited_once(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace, body="For filter.", tags=["gear"])
    first = await forum.edit_post(grace, post, body="For *espresso*.", title="Grinder?")
    again = await forum.edit_post(grace, post, body="For *espresso*.", title="Grinder?")
    assert first.status == again.status == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert first.body == again.body and first.body["version"] == 2
    assert first.body["body_html"] == "<p>For <em>espresso</em>.</p>\n"
    assert (first.body["tags"], first.body["head"]) == (["gear"], 1)

    assert (await forum.edit_post(grace, post, title="Other")).refusal == (409, "stale_version")
    assert (await forum.edit_post(ada, post, title="Mine")).refusal == (403, "not_allowed")
    types = [type for type, _ in await forum.post_events()]
    assert types == ["post.created", "post.updated"]
    ((type, data),) = await post_events(ada.world, post)
    assert (type, data["post"]["title"]) == ("post.updated", "Grinder?")
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]


async def test_of_edits_at_once_one_succeeds(ada: Person) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    answers = await asyncio.gather(
        *(forum.edit_post(ada, post, title=f"title {n}", many=True) for n in range(6))
    )
    assert sorted(answer.status for answer in answers) == [200] + [409] * 5


async def test_an_edit_that_changes_nothing_makes_no_version(ada: Person) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    assert (await forum.edit_post(ada, post)).body == post
    assert len(await forum.post_events()) == 1


@pytest.mark.parametrize(
    "edit", [{"version": 0}, {"version": 2**31}, {"title": " "}, {"body": "\0"}, {"tags": ["\0"]}]
)
async def test_an_invalid_edit_is_refused(ada: Person, edit: dict[str, object]) -> None:
    answer = await ada.call("edit_post", {"version": 1, **edit}, id=ada.id)
    assert answer.refusal == (422, "validation_failed")
    there = await ada.call("edit_post", {"version": 1}, id=ada.id)
    assert there.refusal == (404, "post_not_found")
