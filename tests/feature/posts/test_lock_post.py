from __future__ import annotations

from tests.feature.forum import new_forum, new_moderated_forum
from tests.feature.world import Person


async def test_a_locked_post_takes_votes_and_no_comments(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace)
    assert (await ada.call("lock_post", id=post["id"])).body["locked"]
    comment = await grace.call("create_comment", {"body": "So?"}, id=post["id"])
    assert comment.refusal == (409, "post_locked")
    assert (await ada.call("vote_on_post", {"value": 1}, id=post["id"])).status == 200
    edit = {"version": 1, "title": "So!"}
    assert (await grace.call("edit_post", edit, id=post["id"])).refusal == (409, "post_locked")
    assert (await grace.call("lock_post", id=post["id"])).refusal == (403, "not_allowed")


async def test_on_a_locked_post_moderators_write_and_authors_delete(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    post = await forum.post(grace)
    comment = (await grace.call("create_comment", {"body": "One"}, id=post["id"])).body
    theirs = (await eve.call("create_comment", {"body": "Two"}, id=post["id"])).body
    await ada.call("lock_post", id=post["id"])
    assert (await grace.call("create_comment", {"body": "More"}, id=post["id"])).status == 201
    edit = {"version": 1, "body": "Else"}
    assert (await grace.call("edit_comment", edit, id=comment["id"])).status == 200
    assert (await grace.call("edit_post", edit, id=post["id"])).status == 200
    refused = await eve.call("edit_comment", edit, id=theirs["id"])
    assert refused.refusal == (409, "post_locked")
    assert (await eve.call("delete_comment", id=theirs["id"])).status == 200
