from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.conversation import Conversation
from tests.feature.forum import new_forum
from tests.feature.notifications.inbox import follow, kinds
from tests.feature.world import Person, World


async def test_a_level_and_a_mute_are_one_truth(world: World, ada: Person, grace: Person) -> None:
    group = Conversation(world, await ada.converse(grace, kind="group"))
    await follow(grace, "conversation", group.id, "nothing")
    assert (await group.show(grace))["muted"]
    await ada.send(group.id, f"@{grace.username}")
    assert await kinds(grace) == [("invitation", 1)]
    assert (await grace.call("unmute_conversation", id=group.id)).status == 200
    await ada.send(group.id, f"@{grace.username}")
    assert ("mention", 1) in await kinds(grace)
    await follow(grace, "conversation", group.id, "everything")
    await ada.send(group.id, "Tea")
    assert ("message", 1) in await kinds(grace)


async def test_what_happened_before_is_no_news(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    await forum.post(ada)
    await follow(grace, "forum", forum.id)
    assert await kinds(grace) == []


@pytest.mark.parametrize("kind", ["conversation", "forum", "post", "tag", "user"])
async def test_what_is_not_there_cannot_be_followed(ada: Person, kind: str) -> None:
    query = "tag=tea" if kind == "tag" else ""
    answer = await ada.call(
        "put_follow", {"level": "everything"}, kind=kind, id=str(uuid4()), query=query
    )
    assert answer.refusal == (404, "nothing_to_follow")


async def test_what_is_private_looks_as_if_it_were_not_there(ada: Person, eve: Person) -> None:
    forum = await new_forum(ada, visibility="private")
    post = await forum.post(ada)
    for kind, id in (("forum", forum.id), ("post", post["id"])):
        answer = await eve.call("put_follow", {"level": "everything"}, kind=kind, id=id)
        assert answer.refusal == (404, "nothing_to_follow")


async def test_a_tag_belongs_to_the_kind_tag(ada: Person) -> None:
    forum = await new_forum(ada)
    for kind, query in (("tag", ""), ("forum", "tag=tea")):
        answer = await ada.call(
            "put_follow", {"level": "everything"}, kind=kind, id=forum.id, query=query
        )
        assert answer.refusal == (422, "validation_failed")
