from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from cgraph.forums.comments.models import Comment, CommentCreated
from cgraph.forums.posts.models import Post
from tests.feature.comments.threads import new_post, start_thread
from tests.feature.world import Answer, Person


async def test_written_rendered_and_counted(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
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
    }
    assert await thread.counts() == (0, 0, 0, 2, 1)
    assert Comment.model_validate(top).model_dump(mode="json") == top


async def test_everybody_is_told_the_counts(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    top = await thread.comment(grace)
    await thread.comment(ada, parent_id=top["id"])

    (_, first), (type, second) = await thread.events()
    assert type == "comment.created"
    assert "my_vote" not in first["comment"] and "parent" not in first
    assert first["post"] == {"id": thread.post, "comment_count": 1}
    assert second["parent"] == {"id": top["id"], "reply_count": 1}
    assert second["post"] == {"id": thread.post, "comment_count": 2}
    for told in (first, second):
        assert CommentCreated.model_validate(told).model_dump(mode="json") == told


async def test_the_same_nonce_makes_one_comment(ada: Person) -> None:
    thread = await start_thread(ada)
    once = {"body": "Once", "nonce": "n"}
    answers = await asyncio.gather(
        *(ada.call("create_comment", once, id=thread.post, many=True) for _ in range(4))
    )
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert (await thread.counts())[3] == 1

    other = await thread.try_comment(ada, "Twice", nonce="n")
    assert other.refusal == (409, "nonce_conflict")
    elsewhere = await new_post(ada, thread.forum)
    there = await ada.call("create_comment", once, id=elsewhere)
    assert there.refusal == (409, "nonce_conflict")


@pytest.mark.parametrize("body", ["", " ", "a\0b", "a" * 10_001, None, 5])
async def test_a_body_that_is_none(ada: Person, body: object) -> None:
    thread = await start_thread(ada)
    assert (await thread.try_comment(ada, body)).refusal == (422, "validation_failed")


async def test_a_parent_must_be_there(ada: Person) -> None:
    thread = await start_thread(ada)
    elsewhere = await start_thread(ada)
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
async def test_a_post_that_takes_none(ada: Person, column: str, code: str) -> None:
    thread = await start_thread(ada)
    mine = await thread.comment(ada)
    sets = {
        "locked_at": "UPDATE posts SET locked_at = now() WHERE id = %s",
        "deleted_at": "UPDATE posts SET deleted_at = now() WHERE id = %s",
        "removed_at": "UPDATE posts SET removed_at = now() WHERE id = %s",
    }
    await ada.world.sql(sets[column], thread.post)
    assert (await thread.try_comment(ada)).refusal == (409, code)
    edit = {"body": "No, so.", "version": 1}
    assert (await ada.call("edit_comment", edit, id=mine["id"])).refusal == (409, code)
    assert (await ada.call("delete_comment", id=mine["id"])).status == 200


async def test_who_may(ada: Person, grace: Person, eve: Person) -> None:
    members = await start_thread(ada, posting="members")
    assert (await members.try_comment(grace)).refusal == (403, "not_allowed")
    await members.take_in(grace)
    await members.comment(grace)
    await members.ban(grace)
    assert (await members.try_comment(grace)).refusal == (403, "not_allowed")

    private = await start_thread(ada, visibility="private")
    there = await private.comment(ada)
    assert (await private.try_comment(eve)).refusal == (404, "post_not_found")
    assert (await private.try_page(eve)).refusal == (404, "post_not_found")
    hidden = (404, "comment_not_found")
    assert (await eve.call("show_comment", id=there["id"])).refusal == hidden
    assert (await eve.call("delete_comment", id=there["id"])).refusal == hidden


async def test_slow_mode(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    await ada.world.sql("UPDATE forums SET slow_mode_seconds = 60 WHERE id = %s", thread.forum)
    await thread.comment(grace)
    refused = await thread.try_comment(grace)
    assert refused.refusal == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    await thread.comment(ada)
    await thread.comment(ada)


async def test_of_the_shadowed_others_hear_nothing(ada: Person, grace: Person, eve: Person) -> None:
    thread = await start_thread(ada)
    top = await thread.comment(ada)
    await thread.ban(eve, shadow=True)
    hidden = await thread.comment(eve, parent_id=top["id"])
    own = await thread.comment(eve, "To myself", parent_id=hidden["id"], nonce="n")
    assert (await thread.comment(eve, "To myself", parent_id=hidden["id"], nonce="n")) == own

    assert await thread.counts() == (0, 0, 0, 1, 1)
    assert len(await thread.events()) == 1
    for reader, seen in ((eve, True), (ada, True), (grace, False)):
        (shown,) = (await thread.page(reader))["items"]
        assert [each["id"] for each in shown["replies"]["items"]] == [hidden["id"]] * seen
        answer = await reader.call("show_comment", id=hidden["id"])
        assert answer.status == (200 if seen else 404)
    answer = await thread.try_comment(grace, parent_id=hidden["id"])
    assert answer.refusal == (422, "comment_not_in_post")


async def test_filters(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    comment = await thread.comment(grace)
    await ada.world.sql(
        "INSERT INTO forum_filters (forum_id, words, domains, action, updated_by, updated_at)"
        " VALUES (%s, '{decaf}', '{}', 'report', %s, now())",
        thread.forum,
        ada.id,
    )
    suspect = await thread.comment(grace, "Decaf!")
    edit = {"body": "Decaf.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=comment["id"])).status == 200
    cases = await ada.world.sql(
        "SELECT target_id::text FROM report_cases WHERE forum_id = %s ORDER BY id", thread.forum
    )
    assert [id for (id,) in cases] == [suspect["id"], comment["id"]]
    await ada.world.sql(
        "UPDATE forum_filters SET action = 'reject' WHERE forum_id = %s", thread.forum
    )
    assert (await thread.try_comment(grace, "Decaf?")).refusal == (422, "filtered")
    await thread.comment(ada, "No decaf here.")


async def test_the_accepted_answer(ada: Person, grace: Person, eve: Person) -> None:
    thread = await start_thread(ada)
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
    told = [data["post"] for type, data in await thread.events() if type == "post.updated"]
    accepted = [post["accepted_comment_id"] for post in told]
    assert accepted == [mine["id"], None, other["id"], None]
