"""What a viewer may see, as a filter of OpenSearch: hits, totals, facets and suggestions are all of
documents that pass it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cgraph.search.engine import Viewer

Clause = dict[str, Any]


def visible_to(viewer: Viewer) -> Clause:
    return {
        "bool": {
            "filter": [
                any_of({"term": {"type": "user"}}, _messages(viewer), _of_forums(viewer)),
                any_of(
                    {"bool": {"must_not": {"exists": {"field": "seen_by"}}}},
                    {"term": {"seen_by": str(viewer.id)}},
                    one_of("place_id", viewer.moderated_forums),
                ),
            ],
            "must_not": one_of("author_id", viewer.hidden_authors),
        }
    }


def any_of(*clauses: Clause) -> Clause:
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def one_of(field: str, values: Iterable[object]) -> Clause:
    """In an order of their own, so that equal filters are equal texts, which OpenSearch caches."""
    return {"terms": {field: sorted(str(value) for value in values)}}


def _messages(viewer: Viewer) -> Clause:
    """Two clauses for each conversation with a limited history: infra/search.yaml allows enough."""
    whole = [place for place, after in viewer.conversations.items() if after == 0]
    limited = [
        _messages_after(place, after)
        for place, after in sorted(viewer.conversations.items())
        if after > 0
    ]
    places = any_of(one_of("place_id", whole), *limited)
    return {"bool": {"filter": [{"term": {"type": "message"}}, places]}}


def _messages_after(place: UUID, after: int) -> Clause:
    return {
        "bool": {
            "filter": [{"term": {"place_id": str(place)}}, {"range": {"seq": {"gt": after}}}],
        }
    }


def _of_forums(viewer: Viewer) -> Clause:
    readable = viewer.private_forums | viewer.moderated_forums
    return {
        "bool": {
            "filter": [
                {"terms": {"type": ["comment", "forum", "post"]}},
                any_of({"term": {"is_public": True}}, one_of("place_id", readable)),
            ],
            "must_not": one_of("place_id", viewer.banned_from),
        }
    }
