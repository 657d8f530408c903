"""The function of the consumer makes notifications when it is nudged."""

from __future__ import annotations

from tests.feature.notifications.inbox import begin_at_the_end, kinds
from tests.feature.world import Person, World


async def test_a_nudge_is_delivered_again_while_postgres_is_away(
    world: World, ada: Person, grace: Person
) -> None:
    await begin_at_the_end(world)
    await ada.send(await ada.converse(grace), "Hello")
    async with world.away("postgres"):
        result = await world.work_off("workers.make_notifications", {"shard": 0})
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert await kinds(grace) == [("direct_message", 1)]
