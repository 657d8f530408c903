"""The engines under test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.search.opensearch_target import opensearch_target
from tests.feature.search.postgres_target import postgres_target
from tests.feature.world import World

REAL, FAKE = "CGRAPH_OPENSEARCH_URL", "CGRAPH_OPENSEARCH_FAKE_URL"


@pytest.fixture(scope="session", params=["postgres", "opensearch", "fake"])
async def target(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SearchTarget]:
    if request.param == "postgres":
        async with postgres_target(world.endpoints.conninfo) as target:
            yield target
        return
    variable = REAL if request.param == "opensearch" else FAKE
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set")
    async with opensearch_target(request.param, os.environ[variable]) as target:
        yield target


@pytest.fixture
def shelf(target: SearchTarget) -> Shelf:
    return Shelf(target)
