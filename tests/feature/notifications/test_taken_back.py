"""What somebody takes back is no longer in the notifications that nobody has read yet."""

from __future__ import annotations

import pytest

from tests.feature.conversation import Conversation
from tests.feature.forum import new_forum
from tests.feature.notifications.inbox import kinds, notifications, read_all
from tests.feature.world import Person, World


@pytest.fixture
async def group(world: World, ada: Person, grace: Person, eve: Person) -> Conversation:
    return Conversation(world, await ada.converse(grace, eve, kind="group"))


async def _publish(world: World, message_id: str) -> None:
    """The next change of a reaction is logged at once, not within two seconds."""
    await world.sql("UPDATE messages SET reactions_published_at = NULL WHERE id = %s", message_id)


async def test_a_reaction_that_is_taken_back_is_no_longer_counted(
    world: World, group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    message = await ada.send(group.id, "Tea?")
    for person in (grace, eve):
        assert (await group.react(person, message, "👍")).status == 200
        await _publish(world, message["id"])
    (both,) = await notifications(ada)
    assert (both["event_count"], both["actor_count"]) == (2, 2)
    assert (await group.unreact(eve, message, "👍")).status in (200, 204)
    await _publish(world, message["id"])
    (one,) = await notifications(ada)
    assert (one["event_count"], [each["id"] for each in one["actors"]]) == (1, [grace.id])
    assert (await group.unreact(grace, message, "👍")).status in (200, 204)
    assert await notifications(ada) == []


async def test_who_still_reacts_in_another_way_is_still_counted(
    world: World, group: Conversation, ada: Person, grace: Person
) -> None:
    message = await ada.send(group.id, "Tea?")
    for emoji in ("👍", "🎉"):
        assert (await group.react(grace, message, emoji)).status == 200
        await _publish(world, message["id"])
    assert await kinds(ada) == [("reaction", 1)]
    assert (await group.unreact(grace, message, "👍")).status in (200, 204)
    assert await kinds(ada) == [("reaction", 1)]


async def test_a_reaction_that_was_read_stays_and_a_repeated_one_rings_nobody(
    world: World, group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    message = await ada.send(group.id, "Tea?")
    assert (await group.react(grace, message, "👍")).status == 200
    assert await kinds(ada) == [("reaction", 1)]
    await read_all(ada)
    await _publish(world, message["id"])
    assert (await group.unreact(grace, message, "👍")).status in (200, 204)
    assert [each["event_count"] for each in await notifications(ada)] == [1]
    await _publish(world, message["id"])
    assert (await group.react(grace, message, "👍")).status == 200
    assert await kinds(ada) == []


async def test_an_answer_that_is_no_longer_accepted_is_withdrawn(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    answer = (await grace.call("create_comment", {"body": "Conical"}, id=post["id"])).body
    chosen = {"comment_id": answer["id"]}
    assert (await ada.call("accept_comment", chosen, id=post["id"])).status in (200, 204)
    assert await kinds(grace) == [("answer_accepted", 1)]
    assert (await ada.call("accept_comment", {"comment_id": None}, id=post["id"])).status in (
        200,
        204,
    )
    assert await kinds(grace) == []
