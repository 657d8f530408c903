"""A search engine under test, whichever it is, and what the tests write into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from cgraph.core.ids import UserId, uuid7
from cgraph.search.engine import (
    Document,
    DocumentKey,
    DocumentType,
    Filters,
    Query,
    Results,
    SearchEngine,
    Viewer,
    Words,
)

CREATED_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)

_versions = count(1)


class SearchTarget(Protocol):
    """What is written is found as soon as the call returns."""

    name: str

    @property
    def engine(self) -> SearchEngine: ...

    async def write(self, documents: Sequence[Document]) -> None: ...

    async def delete(self, keys: Sequence[DocumentKey], *, version: int) -> None: ...


def next_version() -> int:
    """Above all that came before."""
    return next(_versions)


def make_document(type: DocumentType = "post", **changes: Any) -> Document:
    """A public one by somebody else, with `changes`."""
    document = Document(
        key=DocumentKey(type, uuid7()),
        place_id=uuid7(),
        is_public=True,
        seen_by=None,
        seq=0,
        author_id=uuid7(),
        post_id=None,
        title="",
        body="",
        tags=(),
        features=(),
        score=0,
        is_answered=False,
        is_accepted=False,
        created_at=CREATED_AT,
        version=next_version(),
    )
    return replace(document, **changes)


def make_viewer(
    *,
    id: UUID | None = None,
    conversations: dict[UUID, int] | None = None,
    private_forums: Iterable[UUID] = (),
    moderated_forums: Iterable[UUID] = (),
    banned_from: Iterable[UUID] = (),
    hidden_authors: Iterable[UUID] = (),
) -> Viewer:
    return Viewer(
        id=UserId(id or uuid7()),
        conversations=conversations or {},
        private_forums=frozenset(private_forums),
        moderated_forums=frozenset(moderated_forums),
        banned_from=frozenset(banned_from),
        hidden_authors=frozenset(hidden_authors),
    )


class Shelf:
    """Two private forums with documents, and a viewer who reads only these: tests do not find each
    other's documents.
    """

    def __init__(self, target: SearchTarget) -> None:
        self.target = target
        self.place = uuid7()
        self.second_place = uuid7()
        self.viewer = make_viewer(private_forums={self.place, self.second_place})
        self.names: dict[DocumentKey, str] = {}

    @property
    def engine(self) -> SearchEngine:
        return self.target.engine

    def document(self, name: str, type: DocumentType = "post", **changes: Any) -> Document:
        """Not written yet."""
        changes = {"place_id": self.place, "is_public": False, **changes}
        document = make_document(type, **changes)
        self.names[document.key] = name
        return document

    async def write(self, *documents: Document) -> None:
        await self.target.write(documents)

    async def posts(self, **titles: str) -> None:
        """Writes posts, by the names with which `found` answers."""
        await self.write(*(self.document(name, title=title) for name, title in titles.items()))

    async def bodies(self, **texts: str) -> None:
        """Writes comments."""
        await self.write(
            *(self.document(name, "comment", body=text) for name, text in texts.items())
        )

    async def search(self, words: Words | str = "", **query: Any) -> Results:
        """`words`: all of these, or what else is to be found."""
        searched = Words(all=words.split()) if isinstance(words, str) else words
        filters: Filters = query.pop("filters", Filters())
        if not filters.places:
            filters = replace(filters, places=frozenset({self.place, self.second_place}))
        return await self.engine.search(Query(self.viewer, searched, filters, **query))

    async def found(self, words: Words | str = "", **query: Any) -> list[str]:
        """The names of the hits, in their order."""
        return self.named(hit.key for hit in (await self.search(words, **query)).hits)

    def named(self, keys: Iterable[DocumentKey]) -> list[str]:
        return [self.names[key] for key in keys]
