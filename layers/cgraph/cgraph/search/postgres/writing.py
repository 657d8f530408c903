"""Writes of the index in Postgres; the consumer `search` makes them."""

from collections.abc import Sequence

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.search.engine import Document, DocumentKey
from cgraph.search.postgres import queries


async def write_documents(
    tx: Transaction, *, documents: Sequence[Document], deleted: Sequence[DocumentKey], version: int
) -> None:
    """Different documents and keys, some hundred, in one statement. `version`: of the reading that
    did not find what is deleted. What was read later than that is not overwritten.
    """
    rows = encode_json([_row(document) for document in documents])
    await queries.write_search_documents(tx, documents=rows, deleted=deleted, version=version)


def _row(document: Document) -> dict[str, object]:
    """By the names of the table's columns."""
    return {
        **document.fields(),
        "created_at": document.created_at.isoformat(),
        "version": document.version,
    }
