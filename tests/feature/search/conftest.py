"""The engines under test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.search.opensearch_target import opensearch_target

REAL, FAKE = "CGRAPH_OPENSEARCH_URL", "CGRAPH_OPENSEARCH_FAKE_URL"


@pytest.fixture(scope="session", params=["opensearch", "fake"])
async def target(request: pytest.FixtureRequest) -> AsyncIterator[SearchTarget]:
    variable = REAL if request.param == "opensearch" else FAKE
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set")
    async with opensearch_target(request.param, os.environ[variable]) as target:
        yield target


@pytest.fixture
def shelf(target: SearchTarget) -> Shelf:
    return Shelf(target)
