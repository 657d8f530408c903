from __future__ import annotations

from tests.feature.world import World


async def test_each_dependency_is_listed_with_its_latency(world: World, search_engine: str) -> None:
    answer = await world.call("check_readiness")

    assert (answer.status, answer.body["status"]) == (200, "ready")
    dependencies = answer.body["dependencies"]
    search = {"search"} if search_engine == "opensearch" else set()
    assert dependencies.keys() == {"database", "cache", "queues", *search}
    assert all(one["ok"] and one["latency_ms"] > 0 for one in dependencies.values())


async def test_a_dependency_that_does_not_answer_is_named(world: World) -> None:
    async with world.away("valkey"):
        answer = await world.call("check_readiness")

    assert answer.refusal == (503, "not_ready")
    assert "cache" in answer.body["detail"]
    assert "database" not in answer.body["detail"]
    assert (await world.call("check_readiness")).status == 200
