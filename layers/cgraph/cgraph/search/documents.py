"""Documents as they are now in Postgres, for whichever index."""

from collections.abc import Sequence
from dataclasses import dataclass

from cgraph.core.database import Transaction
from cgraph.search import queries
from cgraph.search.engine import Document, DocumentKey

BATCH = 500
"""Keys in one statement."""


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
    rows = await queries.documents(tx, keys)
    return ReadDocuments(
        documents=[row.document() for row in rows if row.is_found],
        gone=[row.key for row in rows if not row.is_found],
        version=rows[0].version,
    )
