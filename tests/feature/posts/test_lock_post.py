from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_a_locked_post_takes_votes_and_no_comments(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace)
    assert (await ada.call("lock_post", id=post["id"])).body["locked"]
    comment = await grace.call("create_comment", {"body": "So?"}, id=post["id"])
    assert comment.refusal == (409, "post_locked")
    assert (await ada.call("vote_on_post", {"value": 1}, id=post["id"])).status == 200
    assert (await grace.call("lock_post", id=post["id"])).refusal == (403, "not_allowed")
