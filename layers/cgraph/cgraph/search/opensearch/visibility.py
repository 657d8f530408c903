"""What a viewer may see, as a filter of OpenSearch: hits, totals, facets and suggestions are all of
documents that pass it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from cgraph.search.engine import Viewer
from cgraph.search.opensearch.history import NUMBERS, blocks_above

Clause = dict[str, Any]

TERMS = 50_000
"""In one clause, of which OpenSearch accepts 65,536."""


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
    whole = [place for place, after in viewer.conversations.items() if after == 0]
    limited = {place: after for place, after in viewer.conversations.items() if after > 0}
    places = any_of(one_of("place_id", whole), *_messages_above(limited))
    return {"bool": {"filter": [{"term": {"type": "message"}}, places]}}


def _messages_above(limited: Mapping[UUID, int]) -> Iterator[Clause]:
    """However many conversations there are, the clauses are as few: see history.py. Only of those
    with a million messages that the member does not see each has its own.
    """
    usual = {place: limited[place] for place in sorted(limited) if limited[place] < NUMBERS}
    blocks = list(blocks_above(usual))
    for start in range(0, len(blocks), TERMS):
        above: Clause = {"terms": {"blocks": blocks[start : start + TERMS]}}
        yield {"bool": {"filter": [one_of("place_id", usual), above]}}
    if usual:
        beyond: Clause = {"range": {"seq": {"gte": NUMBERS}}}
        yield {"bool": {"filter": [one_of("place_id", usual), beyond]}}
    for place in sorted(limited.keys() - usual.keys()):
        above = {"range": {"seq": {"gt": limited[place]}}}
        yield {"bool": {"filter": [{"term": {"place_id": str(place)}}, above]}}


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
