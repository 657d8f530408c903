from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.forum import Thread, new_thread
from tests.feature.world import Person


async def karma_of(person: Person) -> int:
    return int((await person.call("show_me")).body["karma"])


async def check_sums(thread: Thread) -> None:
    """Scores are what the votes say, and karma is what the scores say."""
    (bad,) = await thread.world.sql(
        """
        SELECT count(*) FROM post_counts c
        WHERE post_id = %s AND (ups, downs, score) <> (
            SELECT count(*) FILTER (WHERE value = 1), count(*) FILTER (WHERE value = -1),
                   coalesce(sum(value), 0)
            FROM votes v WHERE v.target_id = c.post_id AND v.counted)
        """,
        thread.post,
    )
    assert bad == (0,)


async def test_a_vote_replaces_the_one_before(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    for value, counts in (
        (1, (1, 0, 1)),
        (1, (1, 0, 1)),
        (-1, (0, 1, -1)),
        (0, (0, 0, 0)),
        (0, (0, 0, 0)),
        (-1, (0, 1, -1)),
    ):
        answer = await thread.vote(grace, value)
        ups, downs, score = counts
        assert answer.body == {
            "target": thread.post,
            "score": score,
            "ups": ups,
            "downs": downs,
            "my_vote": value,
        }
        assert (await thread.counts())[:3] == counts
        assert await karma_of(ada) == score
    await check_sums(thread)
    (rank,) = await ada.world.sql(
        "SELECT score FROM post_ranks WHERE post_id = %s AND until = 'infinity'", thread.post
    )
    assert rank == (-1,)


async def test_totals_are_exact_after_concurrent_votes(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    answers = await asyncio.gather(
        *(
            thread.vote(person, value, many=True)
            for value in (1, -1, 0, 1, -1, 1)
            for person in (grace, eve)
        )
    )
    assert {answer.status for answer in answers} == {200}
    await check_sums(thread)
    assert await karma_of(ada) == (await thread.counts())[2]


async def test_authors_do_not_vote_on_their_own_posts_and_comments(ada: Person) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    assert (await thread.vote(ada, 1)).refusal == (403, "own_vote")
    answer = await ada.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (403, "own_vote")
    assert await karma_of(ada) == 0


async def test_the_forum_decides_who_votes(ada: Person, grace: Person, eve: Person) -> None:
    members = await new_thread(ada, posting="members")
    assert (await members.vote(grace, 1)).refusal == (403, "not_allowed")
    await members.forum.insert_member(grace)
    assert (await members.vote(grace, 1)).status == 200
    await members.forum.ban(grace)
    assert (await members.vote(grace, -1)).refusal == (403, "not_allowed")

    moderators = await new_thread(ada, posting="moderators")
    await moderators.forum.insert_member(grace)
    assert (await moderators.vote(grace, 1)).refusal == (403, "not_allowed")

    private = await new_thread(ada, visibility="private")
    comment = (await private.comment(ada))["id"]
    assert (await private.vote(eve, 1)).refusal == (404, "post_not_found")
    answer = await eve.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (404, "comment_not_found")
    assert (await eve.call("vote_on_post", {"value": 1}, id=uuid4())).refusal == (
        404,
        "post_not_found",
    )
    answer = await eve.call("vote_on_comment", {"value": 1}, id=private.post)
    assert answer.refusal == (404, "comment_not_found")


async def test_locked_posts_take_votes_and_deleted_ones_do_not(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    await ada.world.sql("UPDATE posts SET locked_at = now() WHERE id = %s", thread.post)
    assert (await thread.vote(grace, 1)).status == 200
    await ada.call("delete_comment", id=comment)
    answer = await grace.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (409, "comment_deleted")
    await ada.world.sql("UPDATE posts SET deleted_at = now() WHERE id = %s", thread.post)
    assert (await thread.vote(grace, -1)).refusal == (409, "post_deleted")


async def test_votes_of_a_shadow_banned_user_count_for_them_alone(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    assert (await thread.vote(eve, 1)).body["score"] == 1
    await thread.forum.ban(eve, shadow=True)
    answer = await thread.vote(eve, -1)
    assert (answer.body["my_vote"], answer.body["downs"]) == (-1, 1)
    assert (await thread.counts())[:3] == (0, 0, 0)
    answer = await eve.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.body["score"] == 1
    for reader, score, mine in ((eve, 1, 1), (grace, 0, 0)):
        (listed,) = (await thread.list_comments(reader))["items"]
        assert (listed["score"], listed["my_vote"]) == (score, mine)
    assert await karma_of(ada) == 0
    await ada.world.sql("DELETE FROM forum_bans WHERE user_id = %s", eve.id)
    assert (await thread.vote(eve, -1)).body["score"] == -1
    await check_sums(thread)


@pytest.mark.parametrize("value", [2, -2, "1", 0.5, None, "up", [1]])
async def test_an_invalid_value_is_refused(ada: Person, grace: Person, value: object) -> None:
    thread = await new_thread(ada)
    assert (await thread.vote(grace, value)).refusal == (422, "validation_failed")
