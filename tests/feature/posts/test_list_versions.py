from __future__ import annotations

from cgraph.forums.posts.models import PostVersion
from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_earlier_versions_are_listed_the_last_first(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, visibility="private")
    post = await forum.post(grace, title="One", body="First.")
    for title in ("Two", "Three"):
        post = (await forum.edit_post(grace, post, title=title)).body
    page = await ada.call("list_versions", id=post["id"], query="limit=1")
    (last,) = page.body["items"]
    assert (last["version"], last["title"], last["body"]) == (2, "Two", "First.")
    assert PostVersion.model_validate(last).model_dump(mode="json") == last
    query = f"cursor={page.body['next']}"
    rest = await ada.call("list_versions", id=post["id"], query=query)
    assert [each["title"] for each in rest.body["items"]] == ["One"]
    assert rest.body["next"] is None
    hidden = await eve.call("list_versions", id=post["id"])
    assert hidden.refusal == (404, "post_not_found")
    bad = await ada.call("list_versions", id=post["id"], query="cursor=bad")
    assert bad.refusal == (400, "invalid_cursor")


async def test_only_the_author_and_moderators_list_versions_also_of_a_removed_post(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, eve)
    post = (await forum.edit_post(grace, await forum.post(grace), title="Two")).body
    await ada.call("remove_post", id=post["id"])
    await forum.ban(grace)
    for person in (grace, ada):
        assert len((await person.call("list_versions", id=post["id"])).body["items"]) == 1
    assert (await eve.call("list_versions", id=post["id"])).refusal == (403, "not_allowed")
