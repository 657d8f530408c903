from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_an_unlocked_post_takes_comments_again(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace)
    await ada.call("lock_post", id=post["id"])
    assert (await grace.call("unlock_post", id=post["id"])).refusal == (403, "not_allowed")
    assert not (await ada.call("unlock_post", id=post["id"])).body["locked"]
    assert (await ada.call("unlock_post", id=post["id"])).refusal == (409, "not_locked")
    comment = await grace.call("create_comment", {"body": "So!"}, id=post["id"])
    assert comment.status == 201
