from __future__ import annotations

from tests.feature.world import World


async def test_the_api_is_healthy(world: World) -> None:
    answer = await world.call("check_health")

    assert (answer.status, answer.body) == (200, {"status": "ok"})
