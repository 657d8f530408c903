from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.feature.comments.threads import Thread, start_thread
from tests.feature.world import Answer, Person


async def vote(person: Person, post: str, value: object, **options: Any) -> Answer:
    return await person.call("vote_on_post", {"value": value}, id=post, **options)


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


async def test_up_down_and_none(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    for value, counts in (
        (1, (1, 0, 1)),
        (1, (1, 0, 1)),
        (-1, (0, 1, -1)),
        (0, (0, 0, 0)),
        (0, (0, 0, 0)),
        (-1, (0, 1, -1)),
    ):
        answer = await vote(grace, thread.post, value)
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


async def test_for_comments(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    comment = (await thread.comment(ada))["id"]
    up = await grace.call("vote_on_comment", {"value": 1}, id=comment)
    assert (up.body["target"], up.body["score"], up.body["my_vote"]) == (comment, 1, 1)
    assert await karma_of(ada) == 1
    (shown,) = (await thread.page(grace))["items"]
    assert (shown["score"], shown["ups"], shown["my_vote"]) == (1, 1, 1)
    (others,) = (await thread.page(ada))["items"]
    assert others["my_vote"] == 0
    shown = (await ada.call("show_user", username=ada.username)).body
    assert shown["karma"] == 1


async def test_many_at_once(ada: Person, grace: Person, eve: Person) -> None:
    thread = await start_thread(ada)
    answers = await asyncio.gather(
        *(
            vote(person, thread.post, value, many=True)
            for value in (1, -1, 0, 1, -1, 1)
            for person in (grace, eve)
        )
    )
    assert {answer.status for answer in answers} == {200}
    await check_sums(thread)
    assert await karma_of(ada) == (await thread.counts())[2]


async def test_not_for_oneself(ada: Person) -> None:
    thread = await start_thread(ada)
    comment = (await thread.comment(ada))["id"]
    assert (await vote(ada, thread.post, 1)).refusal == (403, "own_vote")
    answer = await ada.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (403, "own_vote")
    assert await karma_of(ada) == 0


async def test_who_may(ada: Person, grace: Person, eve: Person) -> None:
    members = await start_thread(ada, posting="members")
    assert (await vote(grace, members.post, 1)).refusal == (403, "not_allowed")
    await members.take_in(grace)
    assert (await vote(grace, members.post, 1)).status == 200
    await members.ban(grace)
    assert (await vote(grace, members.post, -1)).refusal == (403, "not_allowed")

    moderators = await start_thread(ada, posting="moderators")
    await moderators.take_in(grace)
    assert (await vote(grace, moderators.post, 1)).refusal == (403, "not_allowed")

    private = await start_thread(ada, visibility="private")
    comment = (await private.comment(ada))["id"]
    assert (await vote(eve, private.post, 1)).refusal == (404, "post_not_found")
    answer = await eve.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (404, "comment_not_found")
    assert (await vote(eve, str(uuid4()), 1)).refusal == (404, "post_not_found")
    answer = await eve.call("vote_on_comment", {"value": 1}, id=private.post)
    assert answer.refusal == (404, "comment_not_found")


async def test_what_is_gone_or_locked(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    comment = (await thread.comment(ada))["id"]
    await ada.world.sql("UPDATE posts SET locked_at = now() WHERE id = %s", thread.post)
    assert (await vote(grace, thread.post, 1)).status == 200
    await ada.call("delete_comment", id=comment)
    answer = await grace.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.refusal == (409, "comment_deleted")
    await ada.world.sql("UPDATE posts SET deleted_at = now() WHERE id = %s", thread.post)
    assert (await vote(grace, thread.post, -1)).refusal == (409, "post_deleted")


async def test_of_the_shadowed_nothing_counts_but_for_themselves(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await start_thread(ada)
    comment = (await thread.comment(ada))["id"]
    assert (await vote(eve, thread.post, 1)).body["score"] == 1
    await thread.ban(eve, shadow=True)
    answer = await vote(eve, thread.post, -1)
    assert (answer.body["my_vote"], answer.body["downs"]) == (-1, 1)
    assert (await thread.counts())[:3] == (0, 0, 0)
    answer = await eve.call("vote_on_comment", {"value": 1}, id=comment)
    assert answer.body["score"] == 1
    for reader, score, mine in ((eve, 0, 1), (grace, 0, 0)):
        (shown,) = (await thread.page(reader))["items"]
        assert (shown["score"], shown["my_vote"]) == (score, mine)
    assert await karma_of(ada) == 0
    await ada.world.sql("DELETE FROM forum_bans WHERE user_id = %s", eve.id)
    assert (await vote(eve, thread.post, -1)).body["score"] == -1
    await check_sums(thread)


async def test_what_a_shadowed_one_wrote_others_cannot_vote_for(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await start_thread(ada)
    await thread.ban(eve, shadow=True)
    hidden = (await thread.comment(eve))["id"]
    answer = await grace.call("vote_on_comment", {"value": 1}, id=hidden)
    assert answer.refusal == (404, "comment_not_found")


@pytest.mark.parametrize("value", [2, -2, "1", 0.5, None, "up", [1]])
async def test_a_value_that_is_none(ada: Person, grace: Person, value: object) -> None:
    thread = await start_thread(ada)
    assert (await vote(grace, thread.post, value)).refusal == (422, "validation_failed")
