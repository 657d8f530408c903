"""Documents as they are now in Postgres, for whichever index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.text import comparison_key
from cgraph.search.engine import Document, DocumentKey, DocumentType, Feature

BATCH = 500
"""Keys in one statement."""


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
class ReadDocuments:
    """`gone`: of the keys that were read those that are no documents any more, or never were.
    `version`: at which they were gone; of all documents too, since one statement read them.
    """

    documents: Sequence[Document]
    gone: Sequence[DocumentKey]
    version: int


async def read_documents(tx: Transaction, keys: Sequence[DocumentKey]) -> ReadDocuments:
    """Of different keys, from 1 to BATCH."""
    assert 0 < len(keys) <= BATCH
    rows = await tx.fetch(
        DocumentRow,
        """
        SELECT d.id IS NOT NULL AS is_found, k.type, k.id, d.place_id, d.is_public, d.seen_by,
               d.seq, d.author_id, d.post_id, d.title, d.body, d.tags, d.features, d.score,
               d.is_answered, d.is_accepted, d.created_at, snapshot_version() AS version
        FROM unnest(%(types)s::text[], %(ids)s::uuid[]) AS k (type, id)
        LEFT JOIN search_documents_of(%(types)s, %(ids)s) d ON d.type = k.type AND d.id = k.id
        """,
        {"types": [key.type for key in keys], "ids": [key.id for key in keys]},
    )
    return ReadDocuments(
        documents=[row.document() for row in rows if row.is_found],
        gone=[row.key for row in rows if not row.is_found],
        version=rows[0].version,
    )
