from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_a_banned_author_reads_and_deletes_their_own_post_and_nothing_else(
    ada: Person, grace: Person, visibility: str
) -> None:
    forum = await new_forum(ada, grace, visibility=visibility)
    post, other = await forum.post(grace), await forum.post(ada)
    answer = await ada.call("create_comment", {"body": "By ada"}, id=post["id"])
    reply = {"body": "By grace", "parent_id": answer.body["id"]}
    comment = (await grace.call("create_comment", reply, id=post["id"])).body
    await forum.ban(grace)

    assert (await grace.call("show_post", id=post["id"])).body["title"] == post["title"]
    shown = await grace.call("show_comment", id=comment["id"])
    assert shown.body["body"] == "By grace"
    assert ("By ada" in str(shown.body)) == (visibility == "public")
    edit = {"version": 1, "title": "No"}
    refusal = (403, "not_allowed") if visibility == "public" else (404, "post_not_found")
    assert (await grace.call("edit_post", edit, id=post["id"])).refusal == refusal
    assert (await grace.call("delete_post", id=other["id"])).refusal == refusal
    deleted = await grace.call("delete_comment", id=comment["id"])
    assert deleted.body["deleted_at"] is not None
    assert (await grace.call("delete_post", id=post["id"])).body["deleted_at"] is not None
    assert (await forum.show_post(ada, post)).body["title"] == ""


async def test_the_author_deletes_a_removed_post(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace)
    await ada.call("remove_post", {"reason": "off topic"}, id=post["id"])
    for person, reason in ((grace, "off topic"), (ada, "off topic")):
        assert (await forum.show_post(person, post)).body["removal_reason"] == reason
    deleted = await grace.call("delete_post", id=post["id"])
    assert deleted.body["deleted_at"] is not None
    restored = await ada.call("restore_post", id=post["id"])
    assert restored.refusal == (409, "post_deleted")
    assert (await forum.show_post(ada, post)).body["title"] == ""
