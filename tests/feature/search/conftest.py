"""The engines under test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.search.opensearch_target import OpenSearchTarget, opensearch_target
from tests.feature.search.postgres_target import postgres_target
from tests.feature.world import World


@dataclass(frozen=True, slots=True)
class Targets:
    """Each opened when a test first needs it."""

    stack: AsyncExitStack
    world: World
    opened: dict[str, SearchTarget] = field(default_factory=dict)

    async def get(self, name: str, request: pytest.FixtureRequest) -> SearchTarget:
        if name not in self.opened:
            if name == "postgres":
                opening = postgres_target(self.world.endpoints.conninfo)
                self.opened[name] = await self.stack.enter_async_context(opening)
            else:
                fixture = "real_opensearch" if name == "opensearch" else "fake_opensearch"
                url = request.getfixturevalue(fixture)
                self.opened[name] = await self.stack.enter_async_context(
                    opensearch_target(name, url)
                )
        return self.opened[name]


@pytest.fixture(scope="session")
async def targets(world: World) -> AsyncIterator[Targets]:
    async with AsyncExitStack() as stack:
        yield Targets(stack, world)


@pytest.fixture(scope="session", params=["postgres", "opensearch", "fake"])
async def target(request: pytest.FixtureRequest, targets: Targets) -> SearchTarget:
    return await targets.get(request.param, request)


@pytest.fixture(scope="session", params=["opensearch", "fake"])
async def opensearch(request: pytest.FixtureRequest, targets: Targets) -> OpenSearchTarget:
    target = await targets.get(request.param, request)
    assert isinstance(target, OpenSearchTarget)
    return target


@pytest.fixture
def shelf(target: SearchTarget) -> Shelf:
    return Shelf(target)
