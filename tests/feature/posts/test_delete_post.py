from __future__ import annotations

from cgraph.forums.posts.models import Post
from tests.feature.forum import new_forum, post_events
from tests.feature.world import Person


async def test_the_content_of_a_deleted_post_is_erased_everywhere(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    options = {"options": ["a secret", "b"]}
    post = await forum.post(grace, title="A secret", kind="poll", poll=options, tags=["secret"])
    post = (await forum.edit_post(grace, post, body="More secret")).body
    assert (await ada.call("delete_post", id=post["id"])).refusal == (403, "not_allowed")
    for _ in range(2):
        gone = await grace.call("delete_post", id=post["id"])
        assert gone.status == 200, gone
        assert gone.body["deleted_at"] is not None
    assert Post.model_validate(gone.body).model_dump(mode="json") == gone.body
    for content in (gone.body, await forum.post_events(), await post_events(ada.world, post)):
        assert "secret" not in str(content).lower()
    assert [type for type, _ in await forum.post_events()][-1] == "post.deleted"
    assert await forum.post_count() == 0
    for sort in ("hot", "new", "top", "rising", "controversial"):
        assert await forum.titles(grace, f"sort={sort}") == []
    assert await forum.titles(grace, "tag=secret") == []
    versions = await grace.call("list_versions", id=post["id"])
    assert versions.body == {"items": [], "next": None}
    assert (await forum.edit_post(grace, gone.body, title="Back")).refusal == (409, "post_deleted")
    rows = await ada.world.sql("SELECT label FROM poll_options WHERE post_id = %s", post["id"])
    assert rows == []
