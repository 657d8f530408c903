"""Moderators are shown how many votes are by new accounts."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.feature.forum import Thread, new_thread
from tests.feature.world import Person


async def age(person: Person, days: float) -> None:
    await person.world.sql(
        "UPDATE users SET created_at = now() - make_interval(secs => %s) WHERE id = %s",
        *(days * 86_400, person.id),
    )


async def shown(reader: Person, thread: Thread) -> list[Any]:
    """Of the post, in the forum's list, and of its only comment."""
    post = (await reader.call("show_post", id=thread.post)).body
    (listed,) = (await thread.forum.list_posts(reader)).body["items"]
    (comment,) = (await thread.list_comments(reader))["items"]
    return [each.get("new_account_votes") for each in (post, listed, comment)]


async def vote(person: Person, thread: Thread, comment: str, value: int) -> None:
    assert (await thread.vote(person, value)).status == 200
    answer = await person.call("vote_on_comment", {"value": value}, id=comment)
    assert answer.status == 200


async def test_votes_of_new_accounts_count_and_moderators_see_how_many_they_are(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    assert await shown(ada, thread) == [{"ups": 0, "downs": 0}] * 3
    await age(grace, 2.99)
    await age(eve, 3.01)
    for value, ups, downs in ((1, 1, 0), (1, 1, 0), (-1, 0, 1)):
        await vote(grace, thread, comment, value)
        await vote(eve, thread, comment, 1)
        assert await shown(ada, thread) == [{"ups": ups, "downs": downs}] * 3
    assert (await thread.counts())[:3] == (1, 1, 0)
    await thread.forum.insert_member(eve, role="moderator")
    assert await shown(eve, thread) == [{"ups": 0, "downs": 1}] * 3

    await age(grace, 4)
    assert await shown(ada, thread) == [{"ups": 0, "downs": 1}] * 3, "it was new when it voted"
    await vote(grace, thread, comment, 1)
    assert await shown(ada, thread) == [{"ups": 0, "downs": 0}] * 3


async def test_a_withdrawn_or_uncounted_vote_is_not_among_them(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    for person in (grace, eve):
        await vote(person, thread, comment, 1)
    assert await shown(ada, thread) == [{"ups": 2, "downs": 0}] * 3
    await vote(grace, thread, comment, 0)
    await thread.forum.ban(eve, shadow=True)
    await vote(eve, thread, comment, -1)
    assert await shown(ada, thread) == [{"ups": 0, "downs": 0}] * 3


async def test_nobody_else_sees_them(ada: Person, grace: Person, eve: Person) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(grace))["id"]
    await thread.forum.insert_member(grace)
    assert (await eve.call("vote_on_comment", {"value": 1}, id=comment)).status == 200
    for reader in (grace, eve):
        assert await shown(reader, thread) == [None] * 3
    events = await ada.world.sql(
        "SELECT count(*) FROM events WHERE payload::text LIKE '%%new_account_votes%%'"
    )
    assert events == [(0,)]


async def test_the_numbers_are_exact_after_concurrent_votes(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    await thread.comment(ada)
    await asyncio.gather(
        *(
            thread.vote(person, value, many=True)
            for value in (1, -1, 0, 1, -1, 1)
            for person in (grace, eve)
        )
    )
    ups, downs, _, *_ = await thread.counts()
    assert (await shown(ada, thread))[0] == {"ups": ups, "downs": downs}
