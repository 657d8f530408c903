from __future__ import annotations

from tests.feature.forum import new_thread
from tests.feature.world import Person


async def test_each_version_is_edited_once(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(grace, "At 93.")
    edit = {"body": "At *94*.", "version": 1}
    first = await grace.call("edit_comment", edit, id=comment["id"])
    again = await grace.call("edit_comment", edit, id=comment["id"])
    assert first.body == again.body and again.headers["idempotent-replayed"] == "true"
    assert (first.body["version"], first.body["body_html"]) == (2, "<p>At <em>94</em>.</p>\n")
    assert first.body["edited_at"] is not None

    stale = await grace.call("edit_comment", {"body": "At 95.", "version": 1}, id=comment["id"])
    assert stale.refusal == (409, "stale_version")
    other = await ada.call("edit_comment", edit, id=comment["id"])
    assert other.refusal == (403, "not_allowed")
    assert [type for type, _ in await thread.events()] == ["comment.created", "comment.updated"]
