from __future__ import annotations

from tests.feature.forum import new_thread
from tests.feature.world import Person


async def test_a_tombstone_keeps_the_place_of_a_deleted_comment(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    top = await thread.comment(grace, "A secret.")
    edit = {"body": "A secret, more or less.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=top["id"])).status == 200
    reply = await thread.comment(ada, "Really?", parent_id=top["id"])
    for _ in range(2):
        gone = await grace.call("delete_comment", id=top["id"])
        assert gone.status == 200
        assert (gone.body["body"], gone.body["body_html"]) == ("", "")
        assert gone.body["deleted_at"] is not None

    (listed,) = (await thread.list_comments(ada))["items"]
    assert (listed["id"], listed["body"], listed["reply_count"]) == (top["id"], "", 1)
    assert listed["replies"]["items"][0]["id"] == reply["id"]
    events = await thread.events()
    assert [type for type, _ in events] == [
        "comment.created",
        "comment.updated",
        "comment.created",
        "comment.deleted",
    ]
    assert "secret" not in str(events)
    assert (await thread.counts())[3] == 2
    edit = {"body": "Back.", "version": 2}
    answer = await grace.call("edit_comment", edit, id=top["id"])
    assert answer.refusal == (409, "comment_deleted")
