from __future__ import annotations

from cgraph.forums.posts.models import Post
from tests.feature.forum import new_thread
from tests.feature.world import Answer, Person


async def test_the_author_of_the_post_accepts_one_comment(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    mine, other = await thread.comment(grace), await thread.comment(eve)

    async def accept(person: Person, id: str | None) -> Answer:
        return await person.call("accept_comment", {"comment_id": id}, id=thread.post)

    assert (await accept(grace, mine["id"])).refusal == (403, "not_allowed")
    for _ in range(2):
        answer = await accept(ada, mine["id"])
        assert Post.model_validate(answer.body).model_dump(mode="json") == answer.body
        assert answer.body["accepted_comment_id"] == mine["id"]
    await grace.call("delete_comment", id=mine["id"])
    assert (await accept(ada, mine["id"])).refusal == (409, "comment_deleted")
    assert (await accept(ada, thread.post)).refusal == (422, "comment_not_in_post")
    assert (await accept(ada, other["id"])).body["accepted_comment_id"] == other["id"]
    assert (await accept(ada, None)).body["accepted_comment_id"] is None
    posts = [data["post"] for type, data in await thread.events() if type == "post.updated"]
    accepted = [post["accepted_comment_id"] for post in posts]
    assert accepted == [mine["id"], None, other["id"], None]
