"""Searching: an engine finds, the rooms' own rules decide what of it is shown."""

from collections.abc import Sequence
from urllib.parse import urlencode

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import decode_cursor, encode_cursor
from cgraph.forums.access import access_forum
from cgraph.media.public_urls import fill_public
from cgraph.search import engines, queries, relaxation
from cgraph.search.engine import (
    COUNTED_AT_MOST,
    DocumentKey,
    Query,
    Results,
    SearchEngine,
    Words,
)
from cgraph.search.engines import Answered
from cgraph.search.errors import NothingToSearch
from cgraph.search.filters import NamedFilters, engine_filters, named_filters
from cgraph.search.highlights import highlights_of, ranges_in
from cgraph.search.models import SearchParameters, SimilarPostsParameters, SuggestionParameters
from cgraph.search.query_syntax import parse_query
from cgraph.search.rows import HitRow


async def search_documents(tx: Transaction, *, caller: Caller, parameters: SearchParameters) -> str:
    """A SearchPage, as JSON. Raises InvalidSearchFilter, SearchTooComplex, NothingToSearch,
    InvalidCursor, CursorExpired.
    """
    parsed = parse_query(parameters.q or "")
    named = named_filters(parsed, parameters)
    if named.is_empty and not (parsed.words.all or parsed.words.phrases):
        raise NothingToSearch
    scope = _scope(caller, parameters)
    begun_by, position = _position(parameters.cursor, scope=scope)
    query = await _query(tx, parsed.words, named, parameters, caller=caller, position=position)

    async def find(engine: SearchEngine) -> Results:
        return await relaxation.search(engine, query)

    answered = await engines.ask(tx, find, begun_by=begun_by)
    rows = await _readable(tx, answered.answer, parsed.words, caller=caller)
    return _page(rows, answered, scope=scope)


async def list_suggestions(
    tx: Transaction, *, caller: Caller, parameters: SuggestionParameters
) -> str:
    """Suggestions, as JSON."""
    known = await queries.viewer_row(tx, caller.id)
    viewer = known.viewer(caller.id)

    async def find(engine: SearchEngine) -> Sequence[DocumentKey]:
        return await engine.suggest(viewer, parameters.q, limit=parameters.limit)

    answered = await engines.ask(tx, find)
    rows = await queries.suggestions(tx, answered.answer, viewer=caller.id, beginning=parameters.q)
    items = [
        {
            "type": row.type,
            "id": str(row.id),
            "title": row.title,
            "name": row.name,
            "highlights": {
                field: ranges
                for field in ("title", "name")
                if (ranges := ranges_in(getattr(row, field), row.matched))
            },
        }
        for row in rows
    ]
    return encode_json({"items": items, "degraded": answered.degraded})


async def list_similar_posts(
    tx: Transaction, *, caller: Caller, slug: str, parameters: SimilarPostsParameters
) -> str:
    """SimilarPosts of a forum, as JSON. Raises ForumNotFound, NotAllowed."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    known = await queries.viewer_row(tx, caller.id)
    viewer = known.viewer(caller.id)

    async def find(engine: SearchEngine) -> Sequence[DocumentKey]:
        return await engine.similar_posts(
            viewer, parameters.title, places=frozenset({forum.id}), limit=parameters.limit
        )

    answered = await engines.ask(tx, find)
    items = await queries.listed_posts(
        tx, answered.answer, viewer=caller.id, moderates=forum.moderates
    )
    return f'{{"items":[{items}],"degraded":{encode_json(answered.degraded)}}}'


async def _query(
    tx: Transaction,
    words: Words,
    named: NamedFilters,
    parameters: SearchParameters,
    *,
    caller: Caller,
    position: str | None,
) -> Query:
    known = await queries.viewer_row(
        tx, caller.id, usernames=named.usernames, slugs=named.places or ()
    )
    has_words = words.all or words.phrases
    return Query(
        viewer=known.viewer(caller.id),
        words=words,
        filters=engine_filters(named, known, me=caller.id),
        sort=parameters.sort or ("relevance" if has_words else "newest"),
        facets=frozenset(parameters.facets if position is None else ()),
        limit=parameters.limit,
        position=position,
    )


async def _readable(
    tx: Transaction, results: Results, words: Words, *, caller: Caller
) -> Sequence[HitRow]:
    """What was found, without what the caller may not see: the index may be a little behind."""
    if not results.hits:
        return []
    searched = [*(results.corrected or words.all), *words.phrases]
    is_begun = words.last_is_begun and not results.corrected
    return await queries.hits(
        tx,
        [hit.key for hit in results.hits],
        viewer=caller.id,
        words=searched,
        beginning=words.all[-1] if is_begun else None,
    )


def _page(rows: Sequence[HitRow], answered: Answered[Results], *, scope: str) -> str:
    results = answered.answer
    following = results.next and encode_cursor(scope, answered.engine, results.next)
    rest = {
        "next": following,
        "total": {
            "count": results.total,
            "at_least": results.total >= COUNTED_AT_MOST or not results.is_complete,
        },
        "facets": {
            facet: [{"value": value, "count": count} for value, count in values]
            for facet, values in results.facets.items()
        },
        "corrected": list(results.corrected),
        "relaxed": results.is_relaxed,
        "degraded": answered.degraded,
    }
    return fill_public(f'{{"items":[{",".join(map(_hit, rows))}],{encode_json(rest)[1:]}')


def _hit(row: HitRow) -> str:
    """What Postgres wrote is not written again."""
    highlights = encode_json(highlights_of(row.type, row.item, frozenset(row.matched)))
    return (
        f'{{"type":"{row.type}","id":"{row.id}","highlights":{highlights},"{row.type}":{row.item}}}'
    )


def _scope(caller: Caller, parameters: SearchParameters) -> str:
    """A cursor is of the same search of the same user."""
    search = parameters.model_dump(
        mode="json", exclude={"cursor", "limit", "facets"}, exclude_defaults=True
    )
    return f"search:{caller.id}:{urlencode(search, doseq=True)}"


def _position(cursor: str | None, *, scope: str) -> tuple[str | None, str | None]:
    """The engine that gave the page before, and where it goes on. Raises InvalidCursor."""
    if cursor is None:
        return None, None
    engine, position = decode_cursor(scope, cursor, str, str)
    if engine not in engines.NAMES:
        raise InvalidCursor
    return engine, position
