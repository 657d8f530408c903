"""The search engine in Postgres, on what the consumer `search` keeps there."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cgraph.core.clock import now
from cgraph.core.database import Transaction
from cgraph.core.pagination import FIRST_ID
from cgraph.search.engine import COUNTED_AT_MOST, DocumentKey, Hit, Query, Results, Viewer
from cgraph.search.postgres import queries
from cgraph.search.postgres.corrections import corrected_words
from cgraph.search.postgres.models import KeysRow, PageRow
from cgraph.search.postgres.position import (
    FIRST_RANK,
    Position,
    decode_position,
    encode_position,
    first_position,
)


class PostgresEngine:
    """Reads in a transaction of its caller. As it is in Postgres it never raises EngineUnavailable:
    without Postgres there is no answer at all.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def search(self, query: Query) -> Results:
        """Raises InvalidCursor for a position that is not of this search. A page may be shorter
        than the limit although there is a next one.
        """
        results = await self._search(query)
        if query.position is not None:
            return await self._with_whole_facets(results, query)
        if results.total > 0 or not results.is_complete:
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
        if query.position is None:
            after = first_position(now())
        else:
            after = decode_position(query.position, sort=query.sort)
        row = await queries.search_page(self._tx, query, after=after)
        if query.position is None:
            after = replace(
                after,
                total=min(row.total, COUNTED_AT_MOST),
                is_complete=row.searched_from is None or row.total >= COUNTED_AT_MOST,
            )
        return _results(row, query, after=after)

    async def _with_whole_facets(self, results: Results, query: Query) -> Results:
        if not query.facets:
            return results
        first = await self._search(replace(query, position=None, limit=1))
        return replace(results, facets=first.facets)


def _results(row: PageRow, query: Query, *, after: Position) -> Results:
    keys, ranks = _keys(row), row.ranks or []
    hits = [Hit(key, rank) for key, rank in zip(keys, ranks, strict=True)][: query.limit]
    following = _following(row, hits, after=after)
    return Results(
        hits=hits,
        total=after.total,
        next=encode_position(following, sort=query.sort) if following else None,
        facets={
            facet: [(value, number) for value, number in (row.counts or {}).get(facet, ())]
            for facet in query.facets
        },
        is_complete=after.is_complete,
    )


def _following(row: PageRow, hits: Sequence[Hit], *, after: Position) -> Position | None:
    """After the last hit of the page, or where the next documents are ranked for themselves."""
    if len(row.ids or ()) > len(hits):
        last, created_at = hits[-1], (row.times or [])[len(hits) - 1]
        return replace(after, rank=last.score, created_at=created_at, id=last.key.id)
    if row.searched_from is not None:
        before = row.searched_from
        return replace(after, rank=FIRST_RANK, created_at=before, id=FIRST_ID, before=before)
    return None


def _keys(row: KeysRow | PageRow) -> list[DocumentKey]:
    return [DocumentKey(type, id) for type, id in zip(row.types or (), row.ids or (), strict=True)]
