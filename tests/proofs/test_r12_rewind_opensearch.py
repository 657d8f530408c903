"""A rewind of the consumer `opensearch` to the beginning of the log rebuilds an equal index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from cgraph.search.opensearch.indexes import searched_alias
from tests.conftest import Report
from tests.prepared_home import start_prepared
from tests.proofs.rewinding import LIMIT_SECONDS, states_around_a_rewind
from tests.proofs.test_r12_rewind import write
from tests.search_engines import search_variables
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
AT_MOST = 10_000
"""That one answer of OpenSearch has."""


class SearchedIndex:
    def __init__(self, url: str, prefix: str) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        self._alias = searched_alias(prefix)

    def read(self) -> Mapping[str, Any]:
        """Each document as it is stored, by its id."""
        self._post("_refresh")
        hits = self._post("_search", {"size": AT_MOST})["hits"]["hits"]
        assert len(hits) < AT_MOST
        return {hit["_id"]: hit["_source"] for hit in hits}

    def close(self) -> None:
        self._client.close()

    async def wait_until_built(self) -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            while self._client.head(f"/_alias/{self._alias}").is_error:
                await asyncio.sleep(0.2)

    def clear(self) -> None:
        self._post("_refresh")
        self._post("_delete_by_query?refresh=true", {"query": {"match_all": {}}})
        assert self.read() == {}

    def _post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._client.post(f"/{self._alias}/{path}", json=body).raise_for_status().json()


@pytest.fixture
async def searched(
    real_opensearch: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[LocalSystem, SearchedIndex]]:
    variables: Any = search_variables(real_opensearch)
    folder = tmp_path_factory.mktemp("rewound") / "home"
    system = start_prepared(folder, CGRAPH_RATE_LIMITS="off", **variables)
    index = SearchedIndex(real_opensearch, variables["CGRAPH_OPENSEARCH_PREFIX"])
    yield system, index
    index.close()
    await system.close()
    system.stop()


async def test_a_rewind_of_opensearch_rebuilds_an_equal_index(
    searched: tuple[LocalSystem, SearchedIndex], report: Report
) -> None:
    system, index = searched
    await write(system)
    await index.wait_until_built()
    before, after = await states_around_a_rewind(
        system, "opensearch", read=index.read, clear=index.clear
    )
    assert isinstance(before, dict)
    report("R12, rewind of opensearch", documents=len(before))
    assert len(before) >= 24
    assert after == before
