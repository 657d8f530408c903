"""A commit nudges the consumers of the log once, until the nudge is on its way to them."""

from __future__ import annotations

import pytest

from tests.feature.world import Person, World


@pytest.fixture
async def conversation(world: World, ada: Person, grace: Person) -> str:
    conversation = await ada.converse(grace)
    await nudges(world)
    world.valkey.delete("log:nudge")
    return conversation


async def nudges(world: World) -> list[object]:
    """Those in the log queue since the last time."""
    return world.queues.drain(world.queues.log)


async def test_events_nudge_once_until_the_nudge_is_passed_on(
    world: World, ada: Person, conversation: str
) -> None:
    for content in ("one", "two", "three"):
        await ada.send(conversation, content)
    assert await nudges(world) == [{}]
    world.queues.drain(world.queues.consumers["search"])
    await world.work_off("workers.nudge_consumers", {})
    assert world.queues.drain(world.queues.consumers["search"]) == [{"shard": None}]
    await ada.send(conversation, "four")
    assert await nudges(world) == [{}]


async def test_a_pipeline_that_is_sent_again_nudges_too(
    world: World, ada: Person, conversation: str
) -> None:
    """Valkey has forgotten the scripts: the nudge was set by the pipeline that failed."""
    world.valkey.script_flush()
    await ada.send(conversation, "one")
    assert await nudges(world) == [{}]


async def test_without_valkey_the_message_is_sent_and_the_timer_nudges(
    world: World, ada: Person, conversation: str
) -> None:
    async with world.away("valkey"):
        await ada.send(conversation, "one")
    assert await nudges(world) == []
    world.queues.drain(world.queues.consumers["search"])
    await world.work_off("schedules.watch_consumers")
    assert world.queues.drain(world.queues.consumers["search"]) == [{"shard": None}]
