"""What is sent to OpenSearch for a search."""

from datetime import datetime
from typing import Any

from cgraph.search.engine import COUNTED_AT_MOST, Facet, Filters, Query, Viewer
from cgraph.search.opensearch import word_queries
from cgraph.search.opensearch.document_source import milliseconds
from cgraph.search.opensearch.position import Position
from cgraph.search.opensearch.visibility import Clause, one_of, visible_to

SEARCH_MILLISECONDS = 1500
"""Then OpenSearch gives up, which counts as unavailable."""

FACET_VALUES = 10
_FACET_FIELDS: dict[Facet, str] = {
    "type": "type",
    "place": "place_id",
    "author": "author_id",
    "tag": "tags",
}

# The text's score is multiplied by the sum of these: 1 for an old document that nobody voted for.
_BASE = 0.7
_NOT_DISLIKED = 0.3
_RECENCY, _RECENCY_HALVED_IN = 0.5, "180d"
_VOTES = 0.1
"""Times the natural logarithm of 1 + score."""
_ACCEPTED = 0.3
_ANSWERED = 0.1

_MARGIN = 10
"""Hits beyond the page: of those that were shown before, if scores moved meanwhile."""


def search_body(query: Query, position: Position) -> dict[str, Any]:
    body = _body(size=query.limit + 1 + _MARGIN)
    body["track_total_hits"] = COUNTED_AT_MOST
    words = query.words
    found: Clause = {
        "bool": {
            "must": word_queries.word_clauses(words) or {"match_all": {}},
            "must_not": word_queries.excluded_clauses(words),
            "filter": [visible_to(query.viewer), *filter_clauses(query.filters)],
        }
    }
    if query.sort == "newest":
        body["query"] = {"constant_score": {"filter": found}}
        body["sort"] = [{"created_at": "desc"}, {"id": "desc"}]
    else:
        found["bool"]["should"] = word_queries.near_clauses(words)
        body["query"] = _ranked(found, now=position.began_at)
        body["sort"] = [{"_score": "desc"}, {"id": "desc"}]
    if position.after:
        body["search_after"] = list(position.after)
    if query.facets:
        body["aggs"] = {facet: _facet(facet) for facet in sorted(query.facets)}
    return body


def suggestions_body(
    viewer: Viewer, beginning: str, *, limit: int, now: datetime
) -> dict[str, Any]:
    found = {
        "bool": {
            "must": word_queries.begun_title(beginning),
            "should": word_queries.whole_word(beginning, if_empty="none"),
            "filter": [visible_to(viewer), {"terms": {"type": ["forum", "post", "user"]}}],
        }
    }
    return _best(_ranked(found, now=milliseconds(now)), limit=limit)


def similar_posts_body(viewer: Viewer, title: str, *, places: frozenset[Any], limit: int) -> Any:
    found = {
        "bool": {
            "must": word_queries.any_words(title),
            "filter": [
                visible_to(viewer),
                {"term": {"type": "post"}},
                one_of("place_id", places),
            ],
        }
    }
    return _best(found, limit=limit)


def existence_body(viewer: Viewer, word: Clause) -> dict[str, Any]:
    """Whether there is any document with the word."""
    body = _body(size=0)
    body["track_total_hits"] = 1
    body["query"] = {"bool": {"filter": [word, visible_to(viewer)]}}
    return body


def misspelling_body(viewer: Viewer, filters: Filters, word: str) -> dict[str, Any]:
    """Documents with words that are like this one, and these words in the highlights."""
    body = _body(size=20)
    body["track_total_hits"] = False
    body["query"] = {
        "bool": {
            "must": word_queries.misspelt_word(word),
            "filter": [visible_to(viewer), *filter_clauses(filters)],
        }
    }
    body["highlight"] = {
        "type": "plain",
        "pre_tags": [MARKS[0]],
        "post_tags": [MARKS[1]],
        "fields": {
            **{field: {"number_of_fragments": 0} for field in ("title", "title.begun")},
            **{field: {"number_of_fragments": 2} for field in ("body", "body.begun")},
        },
    }
    return body


MARKS = ("\ue000", "\ue001")
"""Around a highlighted word: characters of no text, for private use."""


def filter_clauses(filters: Filters) -> list[Clause]:
    alternatives = {
        "type": filters.types,
        "place_id": filters.places,
        "author_id": filters.authors,
        "features": filters.features,
        "tags": filters.tags,
    }
    clauses = [one_of(field, values) for field, values in alternatives.items() if values]
    if filters.excluded_authors:
        clauses.append({"bool": {"must_not": one_of("author_id", filters.excluded_authors)}})
    if filters.post_id is not None:
        clauses.append({"term": {"post_id": str(filters.post_id)}})
    if filters.is_answered is not None:
        clauses.append({"term": {"is_answered": filters.is_answered}})
    bounds = {"lt": filters.before, "gte": filters.after}
    times = {name: milliseconds(at) for name, at in bounds.items() if at is not None}
    if times:
        clauses.append({"range": {"created_at": times}})
    return clauses


def _body(*, size: int) -> dict[str, Any]:
    return {"size": size, "timeout": f"{SEARCH_MILLISECONDS}ms", "_source": False}


def _best(found: Clause, *, limit: int) -> dict[str, Any]:
    body = _body(size=limit)
    body["track_total_hits"] = False
    return body | {"query": found, "sort": [{"_score": "desc"}, {"id": "desc"}]}


def _facet(facet: Facet) -> Clause:
    return {"terms": {"field": _FACET_FIELDS[facet], "size": FACET_VALUES}}


def _ranked(found: Clause, *, now: int) -> Clause:
    not_disliked = {"range": {"score": {"gte": 0}}}
    recency = {"created_at": {"origin": now, "scale": _RECENCY_HALVED_IN, "decay": 0.5}}
    return {
        "function_score": {
            "query": found,
            "score_mode": "sum",
            "boost_mode": "multiply",
            "functions": [
                {"weight": _BASE},
                {"filter": not_disliked, "weight": _NOT_DISLIKED},
                {
                    "filter": not_disliked,
                    "field_value_factor": {"field": "score", "modifier": "ln1p"},
                    "weight": _VOTES,
                },
                {"exp": recency, "weight": _RECENCY},
                {"filter": {"term": {"is_accepted": True}}, "weight": _ACCEPTED},
                {"filter": {"term": {"is_answered": True}}, "weight": _ANSWERED},
            ],
        }
    }
