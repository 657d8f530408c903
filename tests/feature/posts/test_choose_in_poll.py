from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.forums.posts.models import Post
from tests.feature.forum import Forum, new_forum
from tests.feature.world import Answer, Person


async def start_poll(forum: Forum, author: Person, **poll: Any) -> Any:
    options = {"options": ["a", "b", "c"], **poll}
    return await forum.post(author, kind="poll", poll=options)


async def choose(person: Person, post: Any, *choices: int, many: bool = False) -> Answer:
    return await person.call("choose_in_poll", {"choices": choices}, id=post["id"], many=many)


def tally(answer: Answer) -> tuple[int, list[int], list[int]]:
    assert answer.status == 200, answer
    poll = answer.body["poll"]
    return poll["voters"], [option["votes"] for option in poll["options"]], poll["my_choices"]


async def test_choices_replace_the_earlier_ones(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    poll = await start_poll(forum, ada, multiple=True)
    assert tally(await choose(grace, poll, 0, 2)) == (1, [1, 0, 1], [0, 2])
    assert tally(await choose(ada, poll, 2, 2)) == (2, [1, 0, 2], [2])
    assert tally(await choose(grace, poll, 1)) == (2, [0, 1, 1], [1])
    assert tally(await choose(grace, poll)) == (1, [0, 0, 1], [])
    assert tally(await choose(grace, poll)) == (1, [0, 0, 1], [])
    view = (await forum.show_post(ada, poll)).body
    assert Post.model_validate(view).model_dump(mode="json") == view


async def test_the_counts_are_exact_after_concurrent_choices(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    poll = await start_poll(forum, ada)
    people = [ada, grace, *[await ada.world.new_person() for _ in range(4)]]
    await asyncio.gather(
        *(choose(who, poll, (n + turn) % 3, many=True) for n, who in enumerate(people)
          for turn in range(3))
    )  # fmt: skip
    rows = await ada.world.sql(
        "SELECT o.votes, (SELECT count(*) FROM poll_votes v WHERE v.post_id = o.post_id"
        " AND v.place = o.place) FROM poll_options o WHERE o.post_id = %s",
        poll["id"],
    )
    assert all(counted == there for counted, there in rows)
    assert sum(counted for counted, _ in rows) == 6
    assert (await forum.show_post(ada, poll)).body["poll"]["voters"] == 6


async def test_choices_that_the_poll_or_the_forum_does_not_allow_are_refused(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, posting="members")
    poll = await start_poll(forum, ada)
    assert (await choose(grace, poll, 0, 1)).refusal == (422, "invalid_choices")
    assert (await choose(grace, poll, 3)).refusal == (422, "invalid_choices")
    assert (await choose(eve, poll, 0)).refusal == (403, "not_allowed")
    text = await forum.post(ada)
    assert (await choose(grace, text, 0)).refusal == (422, "invalid_choices")
    await choose(grace, poll, 0)
    await ada.world.sql("UPDATE polls SET closes_at = now() WHERE post_id = %s", poll["id"])
    assert (await choose(grace, poll, 1)).refusal == (409, "poll_closed")
    assert (await forum.show_post(grace, poll)).body["poll"]["my_choices"] == [0]
    await ada.call("delete_post", id=poll["id"])
    assert (await choose(grace, poll, 1)).refusal == (409, "post_deleted")


async def test_a_shadow_banned_user_alone_sees_their_choice_counted(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    poll = await start_poll(forum, ada)
    await choose(grace, poll, 0)
    await forum.ban(grace, shadow=True)
    assert tally(await choose(grace, poll, 1)) == (1, [0, 1, 0], [1])
    assert tally(await forum.show_post(ada, poll)) == (0, [0, 0, 0], [])


@pytest.mark.parametrize("choices", [None, [-1], [10], ["a"], [0] * 11])
async def test_invalid_choices_are_refused(ada: Person, choices: object) -> None:
    answer = await ada.call("choose_in_poll", {"choices": choices}, id=ada.id)
    assert answer.refusal == (422, "validation_failed")
