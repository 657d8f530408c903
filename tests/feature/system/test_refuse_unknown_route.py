from __future__ import annotations

from tests.feature.world import World


async def test_a_path_that_there_is_not(world: World) -> None:
    answer = await world.call("refuse_unknown_route", path="nothing/here")

    assert answer.refusal == (404, "not_found")
    assert "/nothing/here" in answer.body["detail"]
