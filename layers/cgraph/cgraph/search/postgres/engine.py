"""The search engine in Postgres, on what the consumer `search` keeps there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cgraph.core.clock import now
from cgraph.core.database import Transaction
from cgraph.search.engine import COUNTED_AT_MOST, DocumentKey, Hit, Query, Results, Viewer
from cgraph.search.postgres import queries
from cgraph.search.postgres.corrections import corrected_words
from cgraph.search.postgres.models import KeysRow, PageRow
from cgraph.search.postgres.position import Position, decode_position, encode_position


class PostgresEngine:
    """Reads in a transaction of its caller. As it is in Postgres it never raises EngineUnavailable:
    without Postgres there is no answer at all.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def search(self, query: Query) -> Results:
        """Raises InvalidCursor for a position that is not of this search."""
        results = await self._search(query)
        if results.total > 0 or query.position is not None:
            return results
        corrected = await corrected_words(self._tx, query)
        if corrected is None:
            return results
        words = replace(query.words, all=corrected, last_is_begun=False)
        instead = await self._search(replace(query, words=words))
        return replace(instead, corrected=corrected) if instead.hits else results

    async def suggest(self, viewer: Viewer, beginning: str, *, limit: int) -> Sequence[DocumentKey]:
        row = await queries.suggested_keys(
            self._tx, viewer, beginning=beginning, now=now(), limit=limit
        )
        return _keys(row)

    async def similar_posts(
        self, viewer: Viewer, title: str, *, places: frozenset[UUID], limit: int
    ) -> Sequence[DocumentKey]:
        row = await queries.similar_keys(
            self._tx, viewer, title=title, places=places, now=now(), limit=limit
        )
        return _keys(row)

    async def _search(self, query: Query) -> Results:
        after = decode_position(query.position, sort=query.sort) if query.position else None
        began_at = after.began_at if after else now()
        row = await queries.search_page(self._tx, query, after=after, now=began_at)
        total = after.total if after else min(row.total, COUNTED_AT_MOST)
        return _results(row, query, total=total, began_at=began_at)


def _results(row: PageRow, query: Query, *, total: int, began_at: datetime) -> Results:
    keys, ranks, times = _keys(row), row.ranks or [], row.times or []
    hits = [Hit(key, rank) for key, rank in zip(keys, ranks, strict=True)][: query.limit]
    following: str | None = None
    if len(keys) > query.limit:
        last = Position(hits[-1].score, times[query.limit - 1], hits[-1].key.id, began_at, total)
        following = encode_position(last, sort=query.sort)
    return Results(
        hits=hits,
        total=total,
        next=following,
        facets={
            facet: [(value, number) for value, number in (row.counts or {}).get(facet, ())]
            for facet in query.facets
        },
    )


def _keys(row: KeysRow | PageRow) -> list[DocumentKey]:
    return [DocumentKey(type, id) for type, id in zip(row.types or (), row.ids or (), strict=True)]
