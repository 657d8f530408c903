from __future__ import annotations

from tests.feature.world import World


async def test_an_unknown_path_is_answered_with_a_problem_document(world: World) -> None:
    answer = await world.call("refuse_unknown_route", path="nothing/here")

    assert answer.refusal == (404, "not_found")
    assert "/nothing/here" in answer.body["detail"]
