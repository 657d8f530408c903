"""Rows of the searches in Postgres."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.search.engine import DocumentType


@dataclass(frozen=True, slots=True)
class PageRow:
    """The hits of one page in their order, None where there is none. `searched_from`: documents
    before it were not looked at, None if there are none. `counts`: by facet, the commonest values
    and how often they occur.
    """

    types: list[DocumentType] | None
    ids: list[UUID] | None
    ranks: list[float] | None
    times: list[datetime] | None
    total: int
    searched_from: datetime | None
    counts: dict[str, list[tuple[str, int]]] | None


@dataclass(frozen=True, slots=True)
class KeysRow:
    types: list[DocumentType] | None
    ids: list[UUID] | None


@dataclass(frozen=True, slots=True)
class SimilarWord:
    """About 2^`weight` documents have the word, whosever they are."""

    misspelt: str
    word: str
    weight: int


@dataclass(frozen=True, slots=True)
class ChosenWords:
    words: list[str] | None


@dataclass(frozen=True, slots=True)
class FoldedWords:
    """The words of a search as the index has them, None where one is several words there."""

    words: list[str | None]
