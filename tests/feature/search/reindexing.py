"""Steps of a reindex, in an execution environment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cgraph.core import loop
from cgraph.search.opensearch.reindex import build_missing_index, reindex
from tests.feature.search.opensearch_target import SearchClient


def reindex_step(url: str, prefix: str, seconds: float) -> dict[str, Any]:
    async def step() -> dict[str, Any]:
        client = SearchClient(url)
        try:
            return asdict(await reindex(client, prefix=prefix, seconds=seconds))
        finally:
            client.close()

    return loop.run(step())


def build_missing(url: str, prefix: str, seconds: float) -> bool:
    async def build() -> bool:
        client = SearchClient(url)
        try:
            return await build_missing_index(client, prefix=prefix, seconds=seconds)
        finally:
            client.close()

    return loop.run(build())
