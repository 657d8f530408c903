"""A judged collection: texts, queries, and which texts are relevant to which query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Text:
    """`post_id`: of an answer, the question that it belongs to; None of a question."""

    id: UUID
    post_id: UUID | None
    title: str
    body: str
    tags: Sequence[str]
    score: int
    is_accepted: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """`gains`: how relevant texts are, by their id; those that are missing are not. `excluded`:
    what the query was taken from, which every engine would find first.
    """

    text: str
    gains: Mapping[UUID, float]
    excluded: UUID | None = None


@dataclass(frozen=True, slots=True)
class JudgedCollection:
    name: str
    texts: Sequence[Text]
    queries: Sequence[JudgedQuery]

    def describe(self) -> str:
        judged = sum(len(query.gains) for query in self.queries)
        return (
            f"{self.name}: {len(self.texts):,} texts, {len(self.queries):,} queries with "
            f"{judged / max(1, len(self.queries)):.1f} relevant texts each"
        )

    def without_judgments_of_missing_texts(self) -> JudgedCollection:
        return JudgedCollection(self.name, self.texts, list(self._answerable()))

    def _answerable(self) -> Iterator[JudgedQuery]:
        """Queries to which a text of the collection is relevant, others cannot be judged."""
        there: set[UUID | None] = {text.id for text in self.texts}
        for query in self.queries:
            judged = there - {query.excluded}
            gains = {id: gain for id, gain in query.gains.items() if id in judged and gain > 0}
            if gains:
                yield JudgedQuery(query.text, gains, query.excluded)
