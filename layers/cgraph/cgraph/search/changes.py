"""Which documents an event of the log may have changed. Both indexes follow the log with it.

An event says only that something about a document may be another than before: what it is now is
then read from the tables. So events may come twice, and old ones again.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Protocol, get_args
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.search import queries
from cgraph.search.documents import BATCH, ReadDocuments, read_documents
from cgraph.search.engine import DocumentKey, DocumentType

DOCUMENTS_CHANGED = "documents.changed"
"""Written where no event of a stream reports a change: infra/migrations/0008_search_changes.sql.
Its stream is one that nobody can follow."""

_SUBJECTS: dict[str, DocumentType] = {
    "message.created": "message",
    "message.updated": "message",
    "message.deleted": "message",
    "post.created": "post",
    "post.updated": "post",
    "post.deleted": "post",
    "post.moved": "post",
    "post.removed": "post",
    "post.restored": "post",
    "comment.created": "comment",
    "comment.updated": "comment",
    "comment.deleted": "comment",
    "forum.updated": "forum",
    "user.updated": "user",
}
"""The document whose id the event's data has under this name."""

TYPES = frozenset({*_SUBJECTS, "message.reacted", DOCUMENTS_CHANGED})


SCORES_AT_ONCE = 2000


class Event(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def payload(self) -> dict[str, Any]: ...


def keys_of(events: Iterable[Event]) -> list[DocumentKey]:
    """Each key once, in the order of their first events."""
    return list(dict.fromkeys(key for event in events for key in _keys_of(event)))


async def changed_documents(
    tx: Transaction, events: Sequence[Event], *, consumer: str
) -> AsyncIterator[ReadDocuments]:
    """What the events have changed, some hundred documents at a time.

    Where all documents of a place have changed, an event brings some of them, and an event that is
    logged here the next: so no batch takes long.
    """
    keys = keys_of(events)
    if await _must_continue(tx, events, consumer=consumer):
        keys.extend(key for key in await _next_keys(tx, consumer=consumer) if key not in set(keys))
    for start in range(0, len(keys), BATCH):
        yield await read_documents(tx, keys[start : start + BATCH])


async def log_changed_scores(tx: Transaction) -> int:
    """Logs which posts, comments and forums have another score since the last time, at most some
    thousand; returns how many.
    """
    return await queries.log_changed_scores(tx, at_most=SCORES_AT_ONCE)


def _keys_of(event: Event) -> Iterable[DocumentKey]:
    if event.type in _SUBJECTS:
        subject = _SUBJECTS[event.type]
        return [DocumentKey(subject, UUID(event.payload[subject]["id"]))]
    if event.type == "message.reacted":
        return [DocumentKey("message", UUID(event.payload["message_id"]))]
    return [
        DocumentKey(type, UUID(id))
        for type in get_args(DocumentType)
        for id in event.payload.get(type, ())
    ]


async def _must_continue(tx: Transaction, events: Sequence[Event], *, consumer: str) -> bool:
    """Whether an event says so; places that have changed as a whole are noted before."""
    changes = [event.payload for event in events if event.type == DOCUMENTS_CHANGED]
    places = {
        (str(place["kind"]), UUID(place["id"]))
        for change in changes
        for place in change.get("places", ())
    }
    for kind, id in sorted(places):
        await queries.reindex_place(tx, consumer=consumer, kind=kind, id=id)
    return bool(places) or any(change.get("continued") == consumer for change in changes)


async def _next_keys(tx: Transaction, *, consumer: str) -> list[DocumentKey]:
    """Of the places that have changed as a whole; logs an event if there are more."""
    row = await queries.next_keys(tx, consumer=consumer, page_size=BATCH)
    if not row.is_last:
        await queries.log_changed_documents(tx, {"continued": consumer})
    return [DocumentKey(type, id) for type, id in zip(row.types, row.ids, strict=True)]
