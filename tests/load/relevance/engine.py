"""One of our search engines, as a judged collection sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from cgraph.core import ids
from cgraph.core.ids import UserId
from cgraph.search import relaxation
from cgraph.search.engine import Document, DocumentKey, Filters, Query, Viewer
from cgraph.search.query_syntax import parse_query
from tests.feature.search.engine_target import SearchTarget, next_version
from tests.load.relevance.collection import JudgedCollection, Text

PAGE = 50
BATCH = 500


class Engine:
    """The texts are the posts and comments of one public forum, and the viewer a stranger."""

    def __init__(self, target: SearchTarget) -> None:
        self.name = target.name
        self._target = target
        self._forum = ids.uuid7()
        self._author = ids.uuid7()
        nothing: frozenset[UUID] = frozenset()
        self._viewer = Viewer(UserId(ids.uuid7()), {}, nothing, nothing, nothing, nothing)

    async def index(self, collection: JudgedCollection) -> None:
        for texts in _batches(collection.texts):
            await self._target.write([self._document(text) for text in texts])

    async def find(self, text: str, *, limit: int) -> list[UUID]:
        """As the route reads it, page by page."""
        query = self._query(text)
        found: list[UUID] = []
        while len(found) < limit:
            results = await relaxation.search(self._target.engine, query)
            found += [hit.key.id for hit in results.hits]
            if results.next is None:
                break
            query = self._query(text, position=results.next)
        return found[:limit]

    def _query(self, text: str, *, position: str | None = None) -> Query:
        words = parse_query(text).words
        places = Filters(places=frozenset({self._forum}))
        return Query(self._viewer, words, places, limit=PAGE, position=position)

    def _document(self, text: Text) -> Document:
        return Document(
            key=DocumentKey("post" if text.post_id is None else "comment", text.id),
            place_id=self._forum,
            is_public=True,
            seen_by=None,
            seq=0,
            author_id=self._author,
            post_id=text.post_id,
            title=text.title,
            body=text.body,
            tags=text.tags,
            features=(),
            score=text.score,
            is_answered=False,
            is_accepted=text.is_accepted,
            created_at=text.created_at,
            version=next_version(),
        )


def _batches(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    for first in range(0, len(texts), BATCH):
        yield texts[first : first + BATCH]
