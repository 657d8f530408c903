"""The search engine on OpenSearch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cgraph.core.clock import now
from cgraph.search.engine import (
    COUNTED_AT_MOST,
    DocumentKey,
    EngineUnavailable,
    Facet,
    Hit,
    Query,
    Results,
    Viewer,
)
from cgraph.search.opensearch.client import Client, json_line, search
from cgraph.search.opensearch.corrections import corrected_words, correction_bodies
from cgraph.search.opensearch.document_source import key_of, milliseconds
from cgraph.search.opensearch.indexes import searched_alias
from cgraph.search.opensearch.position import Position, mark, parse_position
from cgraph.search.opensearch.query_body import (
    search_body,
    similar_posts_body,
    suggestions_body,
)

TIMEOUT_SECONDS = 2.5


class OpenSearchEngine:
    """`prefix`: of the names of its indexes and aliases."""

    def __init__(self, client: Client, *, prefix: str) -> None:
        self._client = client
        self._alias = searched_alias(prefix)

    async def search(self, query: Query) -> Results:
        """Raises EngineUnavailable; InvalidCursor for a position that is not of this search."""
        results = await self._search(query)
        if results.total > 0 or query.position is not None:
            return results
        corrected = await self._corrected(query)
        if corrected is None:
            return results
        words = replace(query.words, all=corrected)
        instead = await self._search(replace(query, words=words))
        return replace(instead, corrected=corrected) if instead.hits else results

    async def suggest(self, viewer: Viewer, beginning: str, *, limit: int) -> Sequence[DocumentKey]:
        """Raises EngineUnavailable."""
        body = suggestions_body(viewer, beginning, limit=limit, now=now())
        return await self._keys(body, viewer=viewer)

    async def similar_posts(
        self, viewer: Viewer, title: str, *, places: frozenset[Any], limit: int
    ) -> Sequence[DocumentKey]:
        """Raises EngineUnavailable."""
        body = similar_posts_body(viewer, title, places=places, limit=limit)
        return await self._keys(body, viewer=viewer)

    async def _search(self, query: Query) -> Results:
        position = Position(began_at=milliseconds(now()))
        if query.position is not None:
            position = parse_position(query.position, sort=query.sort)
        answer = await self._ask(search_body(query, position), viewer=query.viewer)
        shown = set(position.shown)
        hits = [hit for hit in answer["hits"]["hits"] if mark(hit["_id"]) not in shown]
        page = hits[: query.limit]
        has_more = len(hits) > query.limit
        return Results(
            hits=[Hit(key_of(hit["_id"]), hit["_score"] or 0.0) for hit in page],
            total=min(answer["hits"]["total"]["value"], COUNTED_AT_MOST),
            next=position.beyond(page, sort=query.sort) if has_more else None,
            facets=_facets(answer.get("aggregations", {})),
        )

    async def _corrected(self, query: Query) -> Sequence[str] | None:
        bodies = correction_bodies(query)
        if not bodies:
            return None
        head = {"index": self._alias, "preference": str(query.viewer.id)}
        lines = b"".join(json_line(head) + json_line(body) for body in bodies)
        answer = await search(self._client, "/_msearch", lines, seconds=TIMEOUT_SECONDS)
        return corrected_words(query, [_complete(each) for each in answer["responses"]])

    async def _keys(self, body: dict[str, Any], *, viewer: Viewer) -> Sequence[DocumentKey]:
        answer = await self._ask(body, viewer=viewer)
        return [key_of(hit["_id"]) for hit in answer["hits"]["hits"]]

    async def _ask(self, body: dict[str, Any], *, viewer: Viewer) -> dict[str, Any]:
        """The pages of a viewer are of the same copy of the index, so that their order agrees."""
        path = f"/{self._alias}/_search?preference={viewer.id}&allow_partial_search_results=false"
        data = json_line(body)
        return _complete(await search(self._client, path, data, seconds=TIMEOUT_SECONDS))


def _complete(answer: dict[str, Any]) -> dict[str, Any]:
    """Raises EngineUnavailable for an answer without a part of the documents."""
    if "hits" not in answer or answer["timed_out"] or answer["_shards"]["failed"]:
        raise EngineUnavailable(f"incomplete: {str(answer)[:500]}")
    return answer


def _facets(aggregations: Mapping[Facet, Any]) -> dict[Facet, list[tuple[str, int]]]:
    return {
        facet: [(str(bucket["key"]), bucket["doc_count"]) for bucket in counted["buckets"]]
        for facet, counted in aggregations.items()
    }
