"""OpenSearch, real or fake, as a search target."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from cgraph.core import opensearch
from cgraph.search.engine import Document, DocumentKey
from cgraph.search.opensearch import indexes
from cgraph.search.opensearch.bulk import Change, Deletion, write_changes
from cgraph.search.opensearch.engine import OpenSearchEngine


class SearchClient:
    """As cgraph.core.opensearch.request, for any address."""

    def __init__(self, url: str) -> None:
        self._client = opensearch.new_client(url, is_signed=False)

    async def __call__(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        timeout: float,  # noqa: ASYNC109 - as the real one
        breaker: bool = True,
    ) -> tuple[int, Any]:
        return await opensearch.answer_of(self._client, method, path, body, timeout=timeout)

    def close(self) -> None:
        self._client.close()


class OpenSearchTarget:
    """In an index of its own."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.prefix = f"test-{uuid4().hex[:12]}"
        self.client = SearchClient(url)
        self.engine = OpenSearchEngine(self.client, prefix=self.prefix)

    async def write(self, documents: Sequence[Document]) -> None:
        await self._change(documents)

    async def delete(self, keys: Sequence[DocumentKey], *, version: int) -> None:
        await self._change([Deletion(key, version) for key in keys])

    async def _change(self, changes: Sequence[Change]) -> None:
        await write_changes(self.client, prefix=self.prefix, changes=changes)
        await indexes.refresh(self.client, prefix=self.prefix)


@asynccontextmanager
async def opensearch_target(name: str, url: str) -> AsyncIterator[OpenSearchTarget]:
    target = OpenSearchTarget(name, url)
    name = await indexes.create_index(target.client, prefix=target.prefix)
    await indexes.swap(target.client, prefix=target.prefix, new=name, old=[])
    try:
        yield target
    finally:
        for index in await indexes.list_indexes(target.client, prefix=target.prefix):
            await indexes.delete_index(target.client, index.name)
        target.client.close()
