"""A document as OpenSearch stores it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.search.engine import Document, DocumentKey
from cgraph.search.opensearch.history import blocks_of


def document_id(key: DocumentKey) -> str:
    return f"{key.type}-{key.id}"


def key_of(document_id: str) -> DocumentKey:
    type, _, id = document_id.partition("-")
    return DocumentKey(type, UUID(id))  # type: ignore[arg-type] # from an index that we wrote


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def document_source(document: Document) -> dict[str, Any]:
    """Without what is not set."""
    source: dict[str, Any] = {
        "id": str(document.key.id),
        "type": document.key.type,
        "place_id": _text(document.place_id),
        "is_public": document.is_public,
        "seen_by": _text(document.seen_by),
        "seq": document.seq,
        "author_id": _text(document.author_id),
        "post_id": _text(document.post_id),
        "title": document.title,
        "body": document.body,
        "tags": list(document.tags),
        "features": list(document.features),
        "score": document.score,
        "is_answered": document.is_answered,
        "is_accepted": document.is_accepted,
        "created_at": milliseconds(document.created_at),
    }
    if document.key.type == "message" and document.place_id is not None:
        source["blocks"] = blocks_of(document.place_id, document.seq)
    return {name: value for name, value in source.items() if value is not None}


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
