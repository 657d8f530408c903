"""The OpenSearch that functions are given in tests, and in `make run SEARCH=opensearch`."""

from __future__ import annotations

import json

from tests.feature.environment import ask_opensearch
from tests.feature.world import World


async def test_functions_reach_the_engine_of_the_test(world: World, search_engine: str) -> None:
    if search_engine == "postgres":
        assert await world.run(ask_opensearch, "GET", "/") is None
        return
    status, answer = await world.run(ask_opensearch, "GET", "/")
    assert (status, "version" in answer) == (200, True)


async def test_what_an_index_analyses_is_the_same_on_both(world: World, search_engine: str) -> None:
    if search_engine == "postgres":
        return
    _, prefix = world.opensearch
    filters = ["cjk_width", "lowercase", "asciifolding", "cjk_bigram"]
    analyzer = {"tokenizer": "standard", "filter": filters}
    settings = {"number_of_replicas": 0, "analysis": {"analyzer": {"text": analyzer}}}
    status, _ = await world.run(
        ask_opensearch, "PUT", f"/{prefix}-a", json.dumps({"settings": settings}).encode()
    )
    assert status == 200
    body = json.dumps({"analyzer": "text", "text": "Crème 東京都"}).encode()
    status, answer = await world.run(ask_opensearch, "POST", f"/{prefix}-a/_analyze", body)
    tokens = [token["token"] for token in answer["tokens"]]
    assert (status, tokens) == (200, ["creme", "東京", "京都"])
