"""A document as OpenSearch stores it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.search.engine import Document, DocumentKey
from cgraph.search.forms import with_forms
from cgraph.search.opensearch.history import blocks_of
from cgraph.search.signs import spell_signs


def document_id(key: DocumentKey) -> str:
    return f"{key.type}-{key.id}"


def key_of(document_id: str) -> DocumentKey:
    type, _, id = document_id.partition("-")
    return DocumentKey(type, UUID(id))  # type: ignore[arg-type] # from an index that we wrote


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def document_source(document: Document) -> dict[str, Any]:
    """Without what is not set; with words for signs, and with the other forms of words."""
    source = {**document.fields(), "created_at": milliseconds(document.created_at)}
    if document.key.type == "message" and document.place_id is not None:
        source["blocks"] = blocks_of(document.place_id, document.seq)
    source["title"] = with_forms(spell_signs(document.title))
    source["body"] = with_forms(spell_signs(document.body))
    return {name: value for name, value in source.items() if value is not None}
