"""What readers see of withheld comments, of what hangs below them, and of authors they block."""

from __future__ import annotations

from uuid import UUID

from tests.feature.forum import new_thread
from tests.feature.world import Person, World


async def test_a_reply_below_a_withheld_comment_is_hidden_with_it(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    await thread.forum.ban(eve, shadow=True)
    hidden = await thread.comment(eve)
    reply = await thread.comment(ada, "I see you.", parent_id=hidden["id"])

    assert await thread.counts() == (0, 0, 0, 0, 0)
    assert await thread.events() == []
    for reader, seen in ((ada, 2), (eve, 2), (grace, 0)):
        answer = await reader.call("show_comment", id=reply["id"])
        assert answer.status == (200 if seen else 404)
        post = (await thread.forum.show_post(reader, {"id": thread.post})).body
        assert post["comment_count"] == seen
    vote = await grace.call("vote_on_comment", {"value": 1}, id=reply["id"])
    assert vote.refusal == (404, "comment_not_found")
    draft = {"target": {"kind": "comment", "id": reply["id"]}, "reason": "spam"}
    assert (await grace.call("file_report", draft)).refusal == (404, "comment_not_found")


async def test_a_published_comment_is_counted_with_what_is_below_it(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    await thread.forum.ban(eve, shadow=True)
    hidden = await thread.comment(eve)
    below = await thread.comment(eve, parent_id=hidden["id"])
    await thread.comment(ada, parent_id=hidden["id"])
    await thread.comment(ada, parent_id=below["id"])
    for comment, count in ((hidden, 2), (below, 4), (below, 4)):
        await world.sql("SELECT publish_comment(%s)", UUID(comment["id"]))
        for reader, seen in ((grace, count), (eve, 4), (ada, 4)):
            post = (await thread.forum.show_post(reader, {"id": thread.post})).body
            assert post["comment_count"] == seen
    ((hidden_count, withheld_count),) = await world.sql(
        "SELECT hidden_comment_count, withheld_reply_count FROM post_counts WHERE post_id = %s",
        thread.post,
    )
    assert (hidden_count, withheld_count) == (0, 0)


async def test_a_shadow_banned_author_accepts_their_own_comment_and_nobody_else_sees_it(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    post = await thread.forum.post(eve)
    await thread.forum.ban(eve, shadow=True)
    answer = await eve.call("create_comment", {"body": "The answer"}, id=post["id"])
    accepted = {"comment_id": answer.body["id"]}
    accepted_view = await eve.call("accept_comment", accepted, id=post["id"])
    assert accepted_view.body["accepted_comment_id"] == answer.body["id"]
    view = (await thread.forum.show_post(grace, post)).body
    assert (view["accepted_comment_id"], view["head"]) == (None, 0)
    assert (await thread.forum.show_post(eve, post)).body["head"] == 2


async def test_posts_and_comments_of_a_blocked_author_are_collapsed(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    post = await thread.forum.post(grace, title="Look", body="At me", tags=["me"])
    rude = await thread.comment(grace, "Rude.")
    reply = await thread.comment(eve, "No.", parent_id=rude["id"])
    edit = {"title": "Look here", "version": 1}
    assert (await grace.call("edit_post", edit, id=post["id"])).status == 200
    assert (await ada.call("block_user", user_id=grace.id)).status == 204

    for reader, blocked in ((ada, True), (eve, False)):
        view = (await thread.forum.show_post(reader, post)).body
        assert (view["blocked"], view["title"] == "", view["body"] == "") == (blocked,) * 3
        listed = (await thread.forum.list_posts(reader, "sort=new")).body["items"][0]
        assert (listed["blocked"], listed["excerpt"] == "") == (blocked, blocked)
        (comment,) = (await thread.list_comments(reader))["items"]
        assert (comment["blocked"], comment["body_html"] == "") == (blocked, blocked)
        (below,) = comment["replies"]["items"]
        assert (below["body"], below["blocked"]) == ("No.", False)
        single = (await reader.call("show_comment", id=reply["id"])).body
        assert (single["ancestors"][0]["body"] == "") is blocked
    assert (await thread.forum.show_post(grace, post)).body["blocked"] is False
    assert (await ada.call("list_versions", id=post["id"])).body["items"] == []
    assert len((await grace.call("list_versions", id=post["id"])).body["items"]) == 1
