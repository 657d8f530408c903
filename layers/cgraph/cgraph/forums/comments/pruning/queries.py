"""Comments that leave the tree: infra/schema/forums/pruning.sql."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.comments.pruning.models import PostIdRow, PrunedRow


async def posts_to_prune(tx: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """At most `limit` posts under which comments are due, with the longest due first."""
    rows = await tx.fetch(
        PostIdRow,
        "SELECT post_id FROM posts_to_prune(%(now)s, %(limit)s) AS post_id",
        {"now": now, "limit": limit},
    )
    return [row.post_id for row in rows]


async def lock_post_stream(tx: Transaction, *, post_id: UUID) -> None:
    await tx.execute("SELECT FROM streams WHERE id = %(id)s FOR NO KEY UPDATE", {"id": post_id})


async def prune_comments(tx: Transaction, *, post_id: UUID, now: datetime) -> PrunedRow:
    row = await tx.fetch_one(
        PrunedRow,
        "SELECT comment_ids, parents, comment_count FROM prune_comments(%(post_id)s, %(now)s)",
        {"post_id": post_id, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row
