"""What search asks of an engine: Postgres and OpenSearch give the same answers.

An engine finds; it does not decide what is shown. It filters by what the viewer may see as the
documents say it, so that counts, facets and pages are right; what it finds is then read from
Postgres, which checks again with the one rule of each room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from cgraph.core.ids import UserId

DocumentType = Literal["message", "post", "comment", "forum", "user"]
Feature = Literal[
    "link", "code", "image", "video", "audio", "file", "attachment", "poll", "reaction"
]
Sort = Literal["relevance", "newest"]
Facet = Literal["type", "place", "author", "tag"]

COUNTED_AT_MOST = 1000
"""Matches; of more than these an answer says "at least"."""


@dataclass(frozen=True, slots=True)
class DocumentKey:
    type: DocumentType
    id: UUID


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found, as it is now in Postgres.

    `place_id`: its conversation or forum; a forum's own id; None of a user. `is_public`: everybody
    may read the place, who is not banned there. `seen_by`: of something withheld the one author who
    sees it beside the moderators, NO_AUTHOR where that is nobody; else None. `seq`: of a message,
    its number in the conversation; 0 otherwise. `post_id`: of a comment. `title`: of a post, the
    name of a forum, the display name and the username of a user. `body`: Markdown source, the
    description of a forum, the bio of a user. `score`: votes of a post or comment, members of a
    forum. `is_answered`: of a post that has an accepted comment. `is_accepted`: of that comment.
    `version`: rises with each later reading of the same document.
    """

    key: DocumentKey
    place_id: UUID | None
    is_public: bool
    seen_by: UUID | None
    seq: int
    author_id: UUID | None
    post_id: UUID | None
    title: str
    body: str
    tags: Sequence[str]
    features: Sequence[Feature]
    score: int
    is_answered: bool
    is_accepted: bool
    created_at: datetime
    version: int

    def fields(self) -> dict[str, Any]:
        """As both engines write them, ids as text; without the time and the version, which each
        writes in its own way.
        """
        return {
            "id": str(self.key.id),
            "type": self.key.type,
            "place_id": _text(self.place_id),
            "is_public": self.is_public,
            "seen_by": _text(self.seen_by),
            "seq": self.seq,
            "author_id": _text(self.author_id),
            "post_id": _text(self.post_id),
            "title": self.title,
            "body": self.body,
            "tags": list(self.tags),
            "features": list(self.features),
            "score": self.score,
            "is_answered": self.is_answered,
            "is_accepted": self.is_accepted,
        }


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


NO_AUTHOR = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who searches, and what they may see: read from Postgres for each search.

    `conversations`: those that they are a member of, with the number above which they see messages
    (see history_after in infra/schema/chat/visibility.sql). `private_forums`: those that they may
    read. `moderated_forums`: where they see what is withheld. `banned_from`: forums.
    `hidden_authors`: users whom they have blocked.
    """

    id: UserId
    conversations: Mapping[UUID, int]
    private_forums: frozenset[UUID]
    moderated_forums: frozenset[UUID]
    banned_from: frozenset[UUID]
    hidden_authors: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Words:
    """What must be in the title or the body. `all`: each of them, in any inflection. With
    `last_is_begun` the last of them may be the beginning of a word. `phrases`: words that follow
    each other. `excluded`: none of these words and phrases.

    With `some_of_all`, a third of the words is enough (rounded down, at least one). Stop words do
    not count. The more of them a text has and the rarer these are, the better; texts that have all
    come first.
    """

    all: Sequence[str] = ()
    phrases: Sequence[str] = ()
    excluded: Sequence[str] = ()
    last_is_begun: bool = False
    some_of_all: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty and None filter nothing. The members of one field are alternatives. `after` is the
    first time that is found, `before` the first that is not.
    """

    types: frozenset[DocumentType] = frozenset()
    places: frozenset[UUID] = frozenset()
    authors: frozenset[UUID] = frozenset()
    excluded_authors: frozenset[UUID] = frozenset()
    post_id: UUID | None = None
    features: frozenset[Feature] = frozenset()
    tags: frozenset[str] = frozenset()
    before: datetime | None = None
    after: datetime | None = None
    is_answered: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """`facets`: which to count. `position`: from `Results.next`."""

    viewer: Viewer
    words: Words
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    facets: frozenset[Facet] = frozenset()
    limit: int = 20
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    key: DocumentKey
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """`total`: at most COUNTED_AT_MOST. `corrected`: the words that were searched instead, where
    those of the query, misspelt, are nowhere. `facets`: the commonest values with their counts.
    `is_complete`: false where less is counted than there is, although it is less than
    COUNTED_AT_MOST: the engine bounds its work.
    `is_relaxed`: too few texts have all the words, these have some of them.
    """

    hits: Sequence[Hit]
    total: int
    next: str | None
    corrected: Sequence[str] = ()
    facets: Mapping[Facet, Sequence[tuple[str, int]]] = field(default_factory=dict)
    is_complete: bool = True
    is_relaxed: bool = False


class EngineUnavailable(Exception):
    """The engine does not answer in time."""


class SearchEngine(Protocol):
    async def search(self, query: Query) -> Results:
        """Raises EngineUnavailable."""

    async def suggest(self, viewer: Viewer, beginning: str, *, limit: int) -> Sequence[DocumentKey]:
        """Forums, users and posts whose title has words that begin so. Raises EngineUnavailable."""

    async def similar_posts(
        self, viewer: Viewer, title: str, *, places: frozenset[UUID], limit: int
    ) -> Sequence[DocumentKey]:
        """Posts with the rarest words of the title, best first. Raises EngineUnavailable."""
