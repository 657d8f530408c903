"""The engines under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.search.opensearch_target import OpenSearchTarget, opensearch_target
from tests.feature.search.postgres_target import postgres_target
from tests.feature.world import World


@pytest.fixture(scope="session")
async def postgres_searches(world: World) -> AsyncIterator[SearchTarget]:
    async with postgres_target(world.endpoints.conninfo) as target:
        yield target


@pytest.fixture(scope="session")
async def opensearch_searches(real_opensearch: str) -> AsyncIterator[OpenSearchTarget]:
    async with opensearch_target("opensearch", real_opensearch) as target:
        yield target


@pytest.fixture(scope="session")
async def fake_searches(fake_opensearch: str) -> AsyncIterator[OpenSearchTarget]:
    async with opensearch_target("fake", fake_opensearch) as target:
        yield target


@pytest.fixture(scope="session", params=["postgres", "opensearch", "fake"])
def target(request: pytest.FixtureRequest) -> SearchTarget:
    target: SearchTarget = request.getfixturevalue(f"{request.param}_searches")
    return target


@pytest.fixture(scope="session", params=["opensearch", "fake"])
def opensearch(request: pytest.FixtureRequest) -> OpenSearchTarget:
    target: OpenSearchTarget = request.getfixturevalue(f"{request.param}_searches")
    return target


@pytest.fixture
def shelf(target: SearchTarget) -> Shelf:
    return Shelf(target)
