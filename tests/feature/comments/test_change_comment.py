from __future__ import annotations

from cgraph.forums.comments.models import CommentInContext
from tests.feature.comments.threads import start_thread
from tests.feature.world import Person


async def test_edited_once_from_each_version(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
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


async def test_what_is_deleted_keeps_its_place(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    top = await thread.comment(grace, "A secret.")
    edit = {"body": "A secret, more or less.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=top["id"])).status == 200
    reply = await thread.comment(ada, "Really?", parent_id=top["id"])
    for _ in range(2):
        gone = await grace.call("delete_comment", id=top["id"])
        assert gone.status == 200
        assert (gone.body["body"], gone.body["body_html"]) == ("", "")
        assert gone.body["deleted_at"] is not None

    (shown,) = (await thread.page(ada))["items"]
    assert (shown["id"], shown["body"], shown["reply_count"]) == (top["id"], "", 1)
    assert shown["replies"]["items"][0]["id"] == reply["id"]
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


async def test_what_was_removed_only_moderators_read(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    comment = await thread.comment(grace, "Rude.")
    await ada.world.sql("UPDATE comments SET removed_at = now() WHERE id = %s", comment["id"])
    for reader, body in ((ada, "Rude."), (grace, "")):
        (shown,) = (await thread.page(reader))["items"]
        assert (shown["body"], shown["removed_at"] is not None) == (body, True)


async def test_one_comment_and_those_above_it(ada: Person) -> None:
    thread = await start_thread(ada)
    path = [await thread.comment(ada, "0")]
    for number in range(1, 4):
        path.append(await thread.comment(ada, f"{number}", parent_id=path[-1]["id"]))
    answer = await ada.call("show_comment", id=path[3]["id"])
    shown = answer.body
    assert [above["body"] for above in shown["ancestors"]] == ["0", "1", "2"]
    assert (shown["depth"], shown["parent_id"]) == (3, path[2]["id"])
    assert CommentInContext.model_validate(shown).model_dump(mode="json") == shown
