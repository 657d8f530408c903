from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from cgraph.forums.comments.models import Comment, CommentCreated
from tests.feature.forum import new_thread
from tests.feature.world import Person


async def test_a_comment_is_rendered_and_counted(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    top = await thread.comment(grace, "At **93** °C. <script>alert(1)</script>")
    below = await thread.comment(ada, "Why?", parent_id=top["id"])

    assert top["body"] == "At **93** °C. <script>alert(1)</script>"
    assert "<strong>93</strong>" in top["body_html"] and "<script" not in top["body_html"]
    assert (top["parent_id"], top["depth"], top["my_vote"]) == (None, 0, 0)
    assert (below["parent_id"], below["depth"]) == (top["id"], 1)
    assert top["author"] == {
        "id": grace.id,
        "username": grace.username,
        "display_name": grace.username,
        "avatar": None,
    }
    assert await thread.counts() == (0, 0, 0, 2, 1)
    assert Comment.model_validate(top).model_dump(mode="json") == top


async def test_the_event_carries_the_counts_of_parent_and_post(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    top = await thread.comment(grace)
    await thread.comment(ada, parent_id=top["id"])

    (_, first), (type, second) = await thread.events()
    assert type == "comment.created"
    assert "my_vote" not in first["comment"] and "parent" not in first
    assert first["post"] == {"id": thread.post, "comment_count": 1}
    assert second["parent"] == {"id": top["id"], "reply_count": 1}
    assert second["post"] == {"id": thread.post, "comment_count": 2}
    for payload in (first, second):
        assert CommentCreated.model_validate(payload).model_dump(mode="json") == payload


async def test_the_same_nonce_creates_one_comment(ada: Person) -> None:
    thread = await new_thread(ada)
    once = {"body": "Once", "nonce": "n"}
    answers = await asyncio.gather(
        *(ada.call("create_comment", once, id=thread.post, many=True) for _ in range(4))
    )
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert (await thread.counts())[3] == 1

    other = await thread.try_comment(ada, "Twice", nonce="n")
    assert other.refusal == (409, "nonce_conflict")
    elsewhere = (await thread.forum.post(ada))["id"]
    there = await ada.call("create_comment", once, id=elsewhere)
    assert there.refusal == (409, "nonce_conflict")


@pytest.mark.parametrize("body", ["", " ", "a\0b", "a" * 10_001, None, 5])
async def test_an_invalid_body_is_refused(ada: Person, body: object) -> None:
    thread = await new_thread(ada)
    assert (await thread.try_comment(ada, body)).refusal == (422, "validation_failed")


async def test_the_parent_must_be_a_comment_under_the_post(ada: Person) -> None:
    thread = await new_thread(ada)
    elsewhere = await new_thread(ada)
    foreign = await elsewhere.comment(ada)
    for parent in (str(uuid4()), foreign["id"], thread.post):
        answer = await thread.try_comment(ada, parent_id=parent)
        assert answer.refusal == (422, "comment_not_in_post")
    gone = await thread.comment(ada)
    await ada.call("delete_comment", id=gone["id"])
    answer = await thread.try_comment(ada, parent_id=gone["id"])
    assert answer.refusal == (409, "comment_deleted")


@pytest.mark.parametrize(
    ("column", "code"),
    [("locked_at", "post_locked"), ("deleted_at", "post_deleted"), ("removed_at", "post_deleted")],
)
async def test_a_locked_or_deleted_post_takes_no_comments_and_edits(
    ada: Person, grace: Person, column: str, code: str
) -> None:
    thread = await new_thread(ada)
    mine = await thread.comment(grace)
    sets = {
        "locked_at": "UPDATE posts SET locked_at = now() WHERE id = %s",
        "deleted_at": "UPDATE posts SET deleted_at = now() WHERE id = %s",
        "removed_at": "UPDATE posts SET removed_at = now() WHERE id = %s",
    }
    await ada.world.sql(sets[column], thread.post)
    assert (await thread.try_comment(grace)).refusal == (409, code)
    edit = {"body": "No, so.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=mine["id"])).refusal == (409, code)
    assert (await grace.call("delete_comment", id=mine["id"])).status == 200


async def test_the_forum_decides_who_comments(ada: Person, grace: Person, eve: Person) -> None:
    members = await new_thread(ada, posting="members")
    assert (await members.try_comment(grace)).refusal == (403, "not_allowed")
    await members.forum.insert_member(grace)
    await members.comment(grace)
    await members.forum.ban(grace)
    assert (await members.try_comment(grace)).refusal == (403, "not_allowed")

    private = await new_thread(ada, visibility="private")
    there = await private.comment(ada)
    assert (await private.try_comment(eve)).refusal == (404, "post_not_found")
    assert (await private.try_list_comments(eve)).refusal == (404, "post_not_found")
    hidden = (404, "comment_not_found")
    assert (await eve.call("show_comment", id=there["id"])).refusal == hidden
    assert (await eve.call("delete_comment", id=there["id"])).refusal == hidden


async def test_slow_mode_applies_to_comments_but_not_to_moderators(
    ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    await ada.world.sql("UPDATE forums SET slow_mode_seconds = 60 WHERE id = %s", thread.forum.id)
    await thread.comment(grace)
    refused = await thread.try_comment(grace)
    assert refused.refusal == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    await thread.comment(ada)
    await thread.comment(ada)


async def test_a_comment_of_a_shadow_banned_user_is_for_its_author_and_moderators(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    top = await thread.comment(ada)
    await thread.forum.ban(eve, shadow=True)
    hidden = await thread.comment(eve, parent_id=top["id"])
    own = await thread.comment(eve, "To myself", parent_id=hidden["id"], nonce="n")
    assert (await thread.comment(eve, "To myself", parent_id=hidden["id"], nonce="n")) == own

    assert await thread.counts() == (0, 0, 0, 1, 1)
    assert len(await thread.events()) == 1
    for reader, seen in ((eve, True), (ada, True), (grace, False)):
        (listed,) = (await thread.list_comments(reader))["items"]
        assert [each["id"] for each in listed["replies"]["items"]] == [hidden["id"]] * seen
        answer = await reader.call("show_comment", id=hidden["id"])
        assert answer.status == (200 if seen else 404)
    answer = await thread.try_comment(grace, parent_id=hidden["id"])
    assert answer.refusal == (422, "comment_not_in_post")


async def test_filters_report_or_reject_comments(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(grace)
    await ada.world.sql(
        "INSERT INTO forum_filters (forum_id, words, domains, action, updated_by, updated_at)"
        " VALUES (%s, '{decaf}', '{}', 'report', %s, now())",
        thread.forum.id,
        ada.id,
    )
    suspect = await thread.comment(grace, "Decaf!")
    edit = {"body": "Decaf.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=comment["id"])).status == 200
    cases = await ada.world.sql(
        "SELECT target_id::text FROM report_cases WHERE forum_id = %s ORDER BY id", thread.forum.id
    )
    assert [id for (id,) in cases] == [suspect["id"], comment["id"]]
    await ada.world.sql(
        "UPDATE forum_filters SET action = 'reject' WHERE forum_id = %s", thread.forum.id
    )
    assert (await thread.try_comment(grace, "Decaf?")).refusal == (422, "filtered")
    await thread.comment(ada, "No decaf here.")


async def test_subscribers_of_the_post_get_the_comment(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    socket = await ada.open_socket()
    await socket.say("hello")
    await socket.say("subscribe", {"streams": [f"post:{thread.post}"]})
    socket.received()
    comment = await thread.comment(grace)
    (frame,) = socket.received()
    assert (frame["event"], frame["seq"]) == ("comment.created", 1)
    assert frame["data"]["comment"]["id"] == comment["id"]
    await thread.comment(grace, "a" * 9_999 + "é")
    (frame,) = socket.received()
    assert frame["event"] == "comment.created" and frame["seq"] == 2
