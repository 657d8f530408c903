"""Measures how good the rankings of engines are on a judged collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Protocol
from uuid import UUID

from tests.load.relevance.collection import JudgedCollection, JudgedQuery
from tests.load.relevance.metrics import ndcg, recall

NDCG_AT = 10
RECALL_AT = 100


class Ranker(Protocol):
    """What is measured. `find` returns the ids of texts, best first."""

    name: str

    async def index(self, collection: JudgedCollection) -> None: ...

    async def find(self, text: str, *, limit: int) -> list[UUID]: ...


@dataclass(frozen=True, slots=True)
class Relevance:
    """Means over the queries. `unanswered`: queries for which nothing at all was found."""

    engine: str
    queries: int
    ndcg_at_10: float
    recall_at_100: float
    unanswered: int


async def relevance(ranker: Ranker, collection: JudgedCollection) -> Relevance:
    """Of what the ranker has indexed."""
    rankings = [await _ranking(ranker, query) for query in collection.queries]
    return mean_relevance(ranker.name, collection.queries, rankings)


def mean_relevance(
    engine: str, queries: Sequence[JudgedQuery], rankings: Sequence[Sequence[UUID]]
) -> Relevance:
    judged = list(zip(queries, rankings, strict=True))
    return Relevance(
        engine=engine,
        queries=len(queries),
        ndcg_at_10=fmean(ndcg(found, query.gains, at=NDCG_AT) for query, found in judged),
        recall_at_100=fmean(recall(found, query.gains, at=RECALL_AT) for query, found in judged),
        unanswered=sum(not found for found in rankings),
    )


async def _ranking(ranker: Ranker, query: JudgedQuery) -> list[UUID]:
    found = await ranker.find(query.text, limit=RECALL_AT + 1)
    return [id for id in found if id != query.excluded][:RECALL_AT]
