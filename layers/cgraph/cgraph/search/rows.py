"""What search reads in Postgres, as rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.ids import UserId
from cgraph.core.text import comparison_key
from cgraph.search.engine import Document, DocumentKey, DocumentType, Feature, Viewer


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """Where `is_found` is false, everything else but the key and the version is None."""

    is_found: bool
    type: DocumentType
    id: UUID
    place_id: UUID | None
    is_public: bool
    seen_by: UUID | None
    seq: int
    author_id: UUID | None
    post_id: UUID | None
    title: str
    body: str
    tags: list[str]
    features: list[Feature]
    score: int
    is_answered: bool
    is_accepted: bool
    created_at: datetime
    version: int

    @property
    def key(self) -> DocumentKey:
        return DocumentKey(self.type, self.id)

    def document(self) -> Document:
        return Document(
            key=self.key,
            place_id=self.place_id,
            is_public=self.is_public,
            seen_by=self.seen_by,
            seq=self.seq,
            author_id=self.author_id,
            post_id=self.post_id,
            title=self.title,
            body=self.body,
            tags=[comparison_key(tag) for tag in self.tags],
            features=self.features,
            score=self.score,
            is_answered=self.is_answered,
            is_accepted=self.is_accepted,
            created_at=self.created_at,
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class NextKeysRow:
    """`is_last`: no place is left after these keys."""

    types: list[DocumentType]
    ids: list[UUID]
    is_last: bool


@dataclass(frozen=True, slots=True)
class CountRow:
    number: int


@dataclass(frozen=True, slots=True)
class ViewerRow:
    conversations: list[UUID] | None
    history_after: list[int] | None
    private_forums: list[UUID] | None
    moderated_forums: list[UUID] | None
    left_out: list[UUID]
    hidden_authors: list[UUID]
    author_names: list[str] | None
    author_ids: list[UUID] | None
    forum_ids: list[UUID]

    def viewer(self, id: UserId) -> Viewer:
        return Viewer(
            id=id,
            conversations=dict(
                zip(self.conversations or (), self.history_after or (), strict=True)
            ),
            private_forums=frozenset(self.private_forums or ()),
            moderated_forums=frozenset(self.moderated_forums or ()),
            banned_from=frozenset(self.left_out),
            hidden_authors=frozenset(self.hidden_authors),
        )

    def authors(self, names: Collection[str]) -> set[UUID]:
        found = zip(self.author_names or (), self.author_ids or (), strict=True)
        return {id for name, id in found if name in names}


@dataclass(frozen=True, slots=True)
class HitRow:
    """`item`: JSON, as the API shows it. `matched`: words of it, folded."""

    type: str
    id: UUID
    item: str
    matched: list[str]


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    type: str
    id: UUID
    title: str
    name: str
    matched: list[str]


@dataclass(frozen=True, slots=True)
class ItemsRow:
    """JSON objects, separated by commas; None if there are none."""

    items: str | None
