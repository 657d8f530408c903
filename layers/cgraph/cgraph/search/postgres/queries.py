"""Searches in Postgres: infra/schema/search has the functions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.search.engine import COUNTED_AT_MOST, DocumentKey, Filters, Query, Viewer
from cgraph.search.postgres.models import (
    ChosenWords,
    FoldedWords,
    KeysRow,
    PageRow,
    SimilarWord,
)
from cgraph.search.postgres.position import Position


async def write_search_documents(
    tx: Transaction, *, documents: str, deleted: Sequence[DocumentKey], version: int
) -> None:
    """`documents`: a JSON array of objects with the names of the table's columns."""
    await tx.execute(
        "SELECT write_search_documents(%(documents)s::jsonb, %(types)s, %(ids)s, %(version)s)",
        {
            "documents": documents,
            "types": [key.type for key in deleted],
            "ids": [key.id for key in deleted],
            "version": version,
        },
    )


async def search_page(tx: Transaction, query: Query, *, after: Position) -> PageRow:
    """One hit more than the page has, if there is one. Of a later page, `total` and `counts` say
    nothing about the whole.
    """
    counted = COUNTED_AT_MOST if query.position is None or query.sort == "relevance" else 0
    row = await tx.fetch_one(
        PageRow,
        """
        SELECT * FROM search_page(
            %(viewer)s::jsonb, %(filters)s::jsonb, %(words)s::text[], %(phrases)s::text[],
            %(excluded)s::text[], %(last_is_begun)s, %(sort)s, %(facets)s::text[],
            %(after_rank)s, %(after_at)s, %(after_id)s, %(before)s, %(now)s, %(page_size)s,
            %(enough)s)
        """,
        {
            "viewer": _viewer(query.viewer),
            "filters": _filters(query.filters),
            "words": list(query.words.all),
            "phrases": list(query.words.phrases),
            "excluded": list(query.words.excluded),
            "last_is_begun": query.words.last_is_begun,
            "sort": query.sort,
            "facets": sorted(query.facets),
            "after_rank": after.rank,
            "after_at": after.created_at,
            "after_id": after.id,
            "before": after.before,
            "now": after.began_at,
            "page_size": query.limit + 1,
            "enough": max(counted, query.limit + 1),
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def folded_words(tx: Transaction, words: Sequence[str]) -> list[str | None]:
    row = await tx.fetch_one(
        FoldedWords,
        """
        SELECT array_agg(CASE WHEN cardinality(f.words) = 1 THEN f.words[1] END ORDER BY g.number)
                   AS words
        FROM unnest(%(words)s::text[]) WITH ORDINALITY AS g (word, number),
             LATERAL (SELECT search_words_of(search_text(g.word)) AS words) AS f
        """,
        {"words": list(words)},
    )
    return row.words if row else []


async def similar_words(tx: Transaction, words: Sequence[str]) -> list[SimilarWord]:
    """Of each word, the most frequent ones that may have been meant."""
    return await tx.fetch(
        SimilarWord, "SELECT * FROM similar_words(%(words)s::text[])", {"words": list(words)}
    )


async def visible_words(
    tx: Transaction, query: Query, *, candidates: Sequence[Sequence[str]]
) -> list[str] | None:
    """The first of each word's candidates that is in a document which the viewer may find within
    the filters. None if one of them has none.
    """
    row = await tx.fetch_one(
        ChosenWords,
        """
        SELECT visible_words(%(viewer)s::jsonb, %(filters)s::jsonb, %(candidates)s::jsonb,
                             %(last_is_begun)s) AS words
        """,
        {
            "viewer": _viewer(query.viewer),
            "filters": _filters(query.filters),
            "candidates": encode_json([list(each) for each in candidates]),
            "last_is_begun": query.words.last_is_begun,
        },
    )
    return row.words if row else None


async def suggested_keys(
    tx: Transaction, viewer: Viewer, *, beginning: str, now: datetime, limit: int
) -> KeysRow:
    row = await tx.fetch_one(
        KeysRow,
        """
        SELECT * FROM suggested_documents(%(viewer)s::jsonb, %(filters)s::jsonb, %(beginning)s,
                                          %(now)s, %(limit)s)
        """,
        {
            "viewer": _viewer(viewer),
            "filters": _filters(Filters()),
            "beginning": beginning,
            "now": now,
            "limit": limit,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def similar_keys(
    tx: Transaction,
    viewer: Viewer,
    *,
    title: str,
    places: frozenset[UUID],
    now: datetime,
    limit: int,
) -> KeysRow:
    row = await tx.fetch_one(
        KeysRow,
        """
        SELECT * FROM similar_posts(%(viewer)s::jsonb, %(filters)s::jsonb, %(title)s, %(now)s,
                                    %(limit)s)
        """,
        {
            "viewer": _viewer(viewer),
            "filters": _filters(Filters(types=frozenset({"post"}), places=places)),
            "title": title,
            "now": now,
            "limit": limit,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


def _viewer(viewer: Viewer) -> str:
    return encode_json(
        {
            "id": str(viewer.id),
            "conversations": {str(id): after for id, after in viewer.conversations.items()},
            "readable_forums": _set(viewer.private_forums | viewer.moderated_forums),
            "moderated_forums": _set(viewer.moderated_forums),
            "banned_from": _set(viewer.banned_from),
            "hidden_authors": _set(viewer.hidden_authors),
        }
    )


def _filters(filters: Filters) -> str:
    return encode_json(
        {
            "types": _list(filters.types),
            "places": _list(filters.places),
            "authors": _list(filters.authors),
            "excluded_authors": _list(filters.excluded_authors),
            "post_id": str(filters.post_id) if filters.post_id else None,
            "features": _list(filters.features),
            "tags": _list(filters.tags),
            "before": filters.before.isoformat() if filters.before else None,
            "after": filters.after.isoformat() if filters.after else None,
            "is_answered": filters.is_answered,
            "beginnings": [],
        }
    )


def _list(values: Collection[object]) -> list[str]:
    return sorted(map(str, values))


def _set(ids: Collection[UUID]) -> dict[str, int]:
    """As Postgres finds an id in it quickly."""
    return {str(id): 1 for id in ids}
