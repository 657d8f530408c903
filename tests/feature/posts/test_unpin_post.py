from __future__ import annotations

from tests.feature.forum import new_forum, post_events
from tests.feature.world import Person


async def test_an_unpinned_post_is_listed_like_the_others(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace)
    await ada.call("pin_post", id=post["id"])
    assert (await grace.call("unpin_post", id=post["id"])).refusal == (403, "not_allowed")
    unpinned = await ada.call("unpin_post", id=post["id"])
    assert unpinned.status == 200 and not unpinned.body["pinned"]
    assert (await ada.call("unpin_post", id=post["id"])).refusal == (409, "not_pinned")
    page = (await forum.list_posts(grace)).body
    assert (page["pinned"], [each["id"] for each in page["items"]]) == ([], [post["id"]])
    types = [type for type, _ in await post_events(ada.world, post)]
    assert types == ["post.updated", "post.updated"]
