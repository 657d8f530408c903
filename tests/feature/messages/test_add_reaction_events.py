"""When reactions are published."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.feature.conversation import Conversation
from tests.feature.world import Person, World

THUMB = "👍🏽"

FLAG = "🏴󠁧󠁢󠁳󠁣󠁴󠁿"

FAMILY = "👩‍👩‍👧"


async def test_one_batch_of_jobs_publishes_the_reactions_of_all_its_messages(
    world: World, ada: Person, grace: Person, direct: Conversation
) -> None:
    """The worker has one connection to Postgres, so its transactions must not overlap."""
    messages = [await ada.send(direct.id, f"message {number}") for number in range(6)]
    for message in messages:
        for person in (ada, grace):
            await direct.react(person, message, THUMB)
    answer = await world.work_off(
        "workers.maintain_sockets", *(direct.reaction_job(message) for message in messages)
    )

    assert answer == {"batchItemFailures": []}
    assert [await direct.count_pending_reactions(message) for message in messages] == [0] * 6


async def test_reactions_to_a_message_are_published_at_most_once_in_two_seconds(
    world: World, ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    """The first at once, the following together; a removed one is reported as removed."""
    socket = await ada.open_socket()
    await socket.say("hello")
    await direct.react(grace, message, THUMB)
    await direct.react(ada, message, FLAG)
    await direct.unreact(ada, message, FLAG)
    await direct.react(ada, message, FAMILY)
    assert len(socket.received()) == 1
    assert (await direct.show_message(grace, message)).body["reactions"] == {THUMB: 1, FAMILY: 1}

    for _ in range(2):
        await world.work_off("workers.maintain_sockets", direct.reaction_job(message))
    (event,) = socket.received()
    assert event["data"] == {
        "message_id": message["id"],
        "message_seq": message["seq"],
        "reactions": {THUMB: 1, FAMILY: 1},
        "changes": [
            {"user_id": ada.id, "emoji": FLAG, "added": False},
            {"user_id": ada.id, "emoji": FAMILY, "added": True},
        ],
    }
    await direct.react(ada, message, THUMB)
    assert socket.received() == []
    await direct.age_reactions(message, seconds=12)
    await direct.unreact(ada, message, THUMB)
    (event,) = socket.received()
    assert event["data"]["changes"] == [{"user_id": ada.id, "emoji": THUMB, "added": False}]


async def test_one_job_is_sent_to_publish_later_reactions(
    world: World, ada: Person, grace: Person, direct: Conversation, message: Any
) -> None:
    await direct.react(grace, message, THUMB)
    for emoji in (FLAG, FAMILY):
        await direct.react(ada, message, emoji)

    async def jobs() -> list[Any]:
        while True:
            sent_jobs = await asyncio.to_thread(world.queues.drain, world.queues.sockets)
            if own := [job for job in sent_jobs if job == direct.reaction_job(message)]:
                return own
            await asyncio.sleep(0.1)

    assert len(await asyncio.wait_for(jobs(), 5)) == 1


async def test_reactions_of_a_lost_job_are_published_with_the_next_reaction(
    world: World, ada: Person, direct: Conversation, message: Any
) -> None:
    await direct.react(ada, message, THUMB)
    await direct.react(ada, message, FLAG)
    await direct.age_reactions(message, seconds=9)
    await direct.react(ada, message, FAMILY)
    assert len(await direct.events("message.reacted")) == 1
    await direct.age_reactions(message, seconds=2)
    await direct.unreact(ada, message, THUMB)

    published = await direct.events("message.reacted")
    assert [len(data["changes"]) for data in published] == [1, 3]
    assert await direct.count_pending_reactions(message) == 0


async def test_without_sqs_reactions_are_published_at_once(
    world: World, ada: Person, direct: Conversation, message: Any
) -> None:
    await direct.react(ada, message, THUMB)
    async with world.away("emulator"):
        assert (await direct.react(ada, message, FLAG)).status == 200

    assert len(await direct.events("message.reacted")) == 2
    assert await direct.count_pending_reactions(message) == 0
