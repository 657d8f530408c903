"""The keys of all that can be found, for an index that is built anew. Imports write no events, so
the log does not have all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.search.engine import DocumentKey, DocumentType

_NEXT: dict[DocumentType, LiteralString] = {
    "user": "SELECT id FROM users WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
    "forum": "SELECT id FROM forums WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
    "post": "SELECT id FROM posts WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
    "comment": "SELECT id FROM comments WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
    "message": "SELECT id FROM messages WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
}
_TYPES: Sequence[DocumentType] = tuple(_NEXT)

FIRST = DocumentKey(_TYPES[0], UUID(int=0))
"""Before all keys."""


@dataclass(frozen=True, slots=True)
class _IdRow:
    id: UUID


async def next_keys(tx: Transaction, *, after: DocumentKey, limit: int) -> list[DocumentKey]:
    """The next keys, all of one type; none behind the last."""
    for type in _TYPES[_TYPES.index(after.type) :]:
        last = after.id if type == after.type else UUID(int=0)
        rows = await tx.fetch(_IdRow, _NEXT[type], {"after": last, "limit": limit})
        if rows:
            return [DocumentKey(type, row.id) for row in rows]
    return []
