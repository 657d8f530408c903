"""The filters of a search: those in its text and those in its parameters must both match."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from cgraph.core.ids import UserId
from cgraph.core.text import comparison_key
from cgraph.search.engine import DocumentType, Feature, Filters
from cgraph.search.models import SearchParameters
from cgraph.search.query_syntax import ME, ParsedQuery
from cgraph.search.rows import ViewerRow

Value = TypeVar("Value")

NOWHERE = UUID(int=0)
"""No place and no author has this id: a filter by what does not exist finds nothing, in the same
time as one by what the reader may not see."""


@dataclass(frozen=True, slots=True)
class NamedFilters:
    """Each set holds alternatives, in which None stands for all; an empty one finds nothing."""

    types: frozenset[DocumentType] | None
    places: frozenset[str] | None
    authors: frozenset[str] | None
    excluded_authors: frozenset[str]
    features: frozenset[Feature] | None
    tags: frozenset[str] | None
    before: datetime | None
    after: datetime | None
    is_answered: bool | None
    is_contradiction: bool

    @property
    def is_empty(self) -> bool:
        some = self.types, self.places, self.authors, self.features, self.tags, self.before
        return (*some, self.after, self.is_answered) == (None,) * 8 and not self.excluded_authors

    @property
    def usernames(self) -> frozenset[str]:
        return (self.excluded_authors | (self.authors or frozenset())) - {ME}


def named_filters(parsed: ParsedQuery, parameters: SearchParameters) -> NamedFilters:
    one, other = parsed.is_answered, parameters.answered
    return NamedFilters(
        types=_both(parsed.types, parameters.type),
        places=_both(parsed.places, _one(parameters.place)),
        authors=_both(parsed.authors, _one(parameters.author)),
        excluded_authors=frozenset(parsed.excluded_authors),
        features=_both(parsed.features, parameters.has),
        tags=_both(parsed.tags, [comparison_key(parameters.tag)] if parameters.tag else ()),
        before=min(filter(None, (parsed.before, parameters.before)), default=None),
        after=max(filter(None, (parsed.after, parameters.after)), default=None),
        is_answered=other if one is None else one,
        is_contradiction=None not in (one, other) and one is not other,
    )


def engine_filters(named: NamedFilters, known: ViewerRow, *, me: UserId) -> Filters:
    """With ids: those of names that do not exist find nothing."""
    authors, places = None, None
    if named.authors is not None:
        authors = known.authors(named.authors) | ({me} if ME in named.authors else set())
    if named.places is not None:
        places = {*known.forum_ids, *(id for name in named.places if (id := _id(name)))}
    excluded = known.authors(named.excluded_authors)
    if ME in named.excluded_authors:
        excluded.add(me)
    wanted = named.types, named.features, named.tags, places
    if named.is_contradiction or any(each is not None and not each for each in wanted):
        places = {NOWHERE}
    return Filters(
        types=named.types or frozenset(),
        places=frozenset(places or ()),
        authors=frozenset() if authors is None else frozenset(authors or {NOWHERE}),
        excluded_authors=frozenset(excluded),
        features=named.features or frozenset(),
        tags=named.tags or frozenset(),
        before=named.before,
        after=named.after,
        is_answered=named.is_answered,
    )


def _both(one: Iterable[Value], other: Iterable[Value]) -> frozenset[Value] | None:
    """Of two lists of alternatives, where an empty one allows all."""
    first, second = frozenset(one), frozenset(other)
    if first and second:
        return first & second
    return first or second or None


def _one(name: str | None) -> list[str]:
    return [name.lower().removeprefix("@").removeprefix("#")] if name else []


def _id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
