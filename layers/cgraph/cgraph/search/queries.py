"""What search reads in Postgres, beside what an engine reads."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.ids import UserId
from cgraph.search.engine import DocumentKey
from cgraph.search.rows import (
    CountRow,
    DocumentRow,
    HitRow,
    ItemsRow,
    NextKeysRow,
    SuggestionRow,
    ViewerRow,
)


async def viewer_row(
    tx: Transaction,
    id: UserId,
    *,
    usernames: Collection[str] = (),
    slugs: Collection[str] = (),
) -> ViewerRow:
    """With the authors and forums that the names name. Those that do not exist are left out."""
    row = await tx.fetch_one(
        ViewerRow,
        "SELECT * FROM search_viewer(%(id)s, %(usernames)s, %(slugs)s)",
        {"id": id, "usernames": list(usernames), "slugs": list(slugs)},
    )
    assert row is not None, "the function always returns one row"
    return row


async def hits(
    tx: Transaction,
    keys: Sequence[DocumentKey],
    *,
    viewer: UserId,
    words: Sequence[str],
    beginning: str | None,
) -> list[HitRow]:
    """Of the keys those that the viewer may see, in their order."""
    return await tx.fetch(
        HitRow,
        """
        SELECT type, id, item, matched
        FROM search_hits(%(viewer)s, %(types)s, %(ids)s, %(words)s, %(beginning)s)
        """,
        {
            "viewer": viewer,
            "types": [key.type for key in keys],
            "ids": [key.id for key in keys],
            "words": list(words),
            "beginning": beginning,
        },
    )


async def suggestions(
    tx: Transaction, keys: Sequence[DocumentKey], *, viewer: UserId, beginning: str
) -> list[SuggestionRow]:
    return await tx.fetch(
        SuggestionRow,
        """
        SELECT type, id, title, name, matched
        FROM search_suggestions(%(viewer)s, %(types)s, %(ids)s, %(beginning)s)
        """,
        {
            "viewer": viewer,
            "types": [key.type for key in keys],
            "ids": [key.id for key in keys],
            "beginning": beginning,
        },
    )


async def listed_posts(
    tx: Transaction, keys: Sequence[DocumentKey], *, viewer: UserId, moderates: bool
) -> str:
    """Those that the viewer's lists contain, as JSON, separated by commas."""
    row = await tx.fetch_one(
        ItemsRow,
        "SELECT listed_posts_json(%(ids)s, %(viewer)s, %(moderates)s) AS items",
        {"ids": [key.id for key in keys], "viewer": viewer, "moderates": moderates},
    )
    return (row and row.items) or ""


async def documents(tx: Transaction, keys: Sequence[DocumentKey]) -> list[DocumentRow]:
    """One row a key, all of one snapshot."""
    return await tx.fetch(
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


async def reindex_place(tx: Transaction, *, consumer: str, kind: str, id: UUID) -> None:
    """The consumer is to read all documents of the place again."""
    await tx.execute(
        "SELECT reindex_place(%(consumer)s, %(kind)s, %(id)s)",
        {"consumer": consumer, "kind": kind, "id": id},
    )


async def next_keys(tx: Transaction, *, consumer: str, page_size: int) -> NextKeysRow:
    """Of the places that the consumer is to read again."""
    row = await tx.fetch_one(
        NextKeysRow,
        "SELECT * FROM next_reindexed_documents(%(consumer)s, %(page_size)s)",
        {"consumer": consumer, "page_size": page_size},
    )
    assert row is not None, "the function always returns one row"
    return row


async def log_changed_documents(tx: Transaction, payload: dict[str, Any]) -> None:
    await tx.execute(
        "SELECT log_changed_documents(%(payload)s::jsonb)", {"payload": encode_json(payload)}
    )


async def log_changed_scores(tx: Transaction, *, at_most: int) -> int:
    """Returns how many were logged."""
    row = await tx.fetch_one(
        CountRow, "SELECT log_changed_scores(%(at_most)s) AS number", {"at_most": at_most}
    )
    assert row is not None, "the function always returns one row"
    return row.number
