"""Through posts and comments, which take the turns."""

from __future__ import annotations

import asyncio

from tests.feature.forums.forum import Forum, forum
from tests.feature.world import Answer, Person


async def post(made: Forum, author: Person, *, many: bool = False) -> Answer:
    draft = {"title": "A post", "body": "of some length"}
    return await author.call("create_post", draft, slug=made.slug, many=many)


async def test_one_writes_and_waits(ada: Person, eve: Person) -> None:
    made = await forum(ada, eve, slow_mode_seconds=60)
    first = await post(made, eve)
    assert first.status == 201, first
    second = await post(made, eve)
    assert second.refusal == (429, "rate_limited")
    assert 55 <= int(second.headers["retry-after"]) <= 61
    comment = await eve.call("create_comment", {"body": "too"}, id=first.body["id"])
    assert comment.refusal == (429, "rate_limited")
    assert [(await post(made, ada)).status for _ in range(2)] == [201, 201]

    await made.world.sql(
        "UPDATE forum_writes SET written_at = written_at - interval '60 s' WHERE forum_id = %s",
        made.id,
    )
    comment = await eve.call("create_comment", {"body": "too"}, id=first.body["id"])
    assert comment.status == 201, comment
    assert (await post(made, eve)).refusal == (429, "rate_limited")
    await made.change(ada, slow_mode_seconds=0)
    assert (await post(made, eve)).status == 201


async def test_of_two_at_once_one_is_written(ada: Person, eve: Person) -> None:
    made = await forum(ada, eve, slow_mode_seconds=3600)
    answers = await asyncio.gather(*(post(made, eve, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 429, 429, 429]
