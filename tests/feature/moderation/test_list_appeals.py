from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, make_appeal, resolve_appeal
from tests.feature.world import Person


async def test_pages_have_the_oldest_appeal_first(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = await forum.comment(eve, under=post)
    await grace.call("remove_comment", {"reason": "rude"}, id=comment)
    await grace.call("remove_post", {"reason": "spam"}, id=post)
    first = (await make_appeal(eve, comment, kind="comment")).body
    second = (await make_appeal(eve, post, kind="post")).body
    assert (first["target"]["id"], first["reason"]) == (comment, "rude")
    page = (await forum.call(ada, "list_appeals", query="limit=1")).body
    rest = await forum.call(ada, "list_appeals", query=f"limit=1&cursor={page['next']}")
    assert page["items"] + rest.body["items"] == [first, second]
    bad = await forum.call(ada, "list_appeals", query=f"cursor={page['next']}&state=rejected")
    assert bad.refusal == (400, "invalid_cursor")


async def test_appeals_are_listed_by_state(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {}, user_id=eve.id)
    appeal = (await make_appeal(eve, forum.id)).body
    resolved = await resolve_appeal(ada, appeal, "accept")
    listed = await forum.call(ada, "list_appeals", query="state=accepted")
    assert listed.body["items"] == [resolved.body]
    assert (await forum.call(ada, "list_appeals")).body["items"] == []


async def test_only_moderators_list_appeals(forum: ModeratedForum, eve: Person) -> None:
    assert (await forum.call(eve, "list_appeals")).refusal == (403, "not_allowed")
