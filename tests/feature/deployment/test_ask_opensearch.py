"""An operator asks OpenSearch, which nobody outside of the VPC can reach."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.feature.environment import work_off
from tests.feature.world import World


async def ask(world: World, path: str, **fields: Any) -> dict[str, Any]:
    event = {"path": path, "operator": "arn", **fields}
    answer: dict[str, Any] = await world.run(work_off, "deployment.ask_opensearch", event)
    return answer


async def test_the_answer_comes_back_as_it_is(world: World, search_engine: str) -> None:
    if search_engine == "postgres":
        assert await ask(world, "/") == {"status": None, "answer": None}
        return
    _, prefix = world.opensearch
    name = f"{prefix}-asked"
    body = {"settings": {"number_of_replicas": 0}}
    assert (await ask(world, f"/{name}", method="PUT", body=body))["status"] == 200
    listed = await ask(world, "/_cat/indices?h=index")
    assert (listed["status"], name in listed["answer"]) == (200, True)
    assert (await ask(world, f"/{name}", method="DELETE"))["answer"] == {"acknowledged": True}
    missing = await ask(world, f"/{name}")
    assert (missing["status"], missing["answer"]["status"]) == (404, 404)


@pytest.mark.parametrize(
    "path", ["", "_search", "/a b", "/ HTTP/1.1\r\nx: y", "/_search\n", "/größe"]
)
async def test_a_path_is_one_line_of_a_request(world: World, path: str) -> None:
    with pytest.raises(ValidationError):
        await ask(world, path)
