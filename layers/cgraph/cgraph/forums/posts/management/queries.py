"""Pinned, locked and moved posts in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.rows import CountRow


async def count_pinned_posts(tx: Transaction, *, forum_id: UUID) -> int:
    row = await tx.fetch_one(
        CountRow,
        """
        SELECT count(*) AS count FROM posts
        WHERE forum_id = %(forum_id)s AND pinned_at IS NOT NULL
        """,
        {"forum_id": forum_id},
    )
    assert row is not None, "a count is always one row"
    return row.count


async def set_pinned_at(tx: Transaction, *, id: UUID, pinned_at: datetime | None) -> None:
    """None: the post is not pinned."""
    await tx.execute(
        "UPDATE posts SET pinned_at = %(pinned_at)s WHERE id = %(id)s",
        {"id": id, "pinned_at": pinned_at},
    )


async def set_locked_at(tx: Transaction, *, id: UUID, locked_at: datetime | None) -> None:
    """None: the post takes comments."""
    await tx.execute(
        "UPDATE posts SET locked_at = %(locked_at)s WHERE id = %(id)s",
        {"id": id, "locked_at": locked_at},
    )


async def lock_forum_streams(tx: Transaction, *, ids: Sequence[UUID]) -> None:
    """Locks the streams until the transaction ends, the lesser id first."""
    await tx.execute(
        "SELECT FROM streams WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": list(ids)},
    )


async def move_post(tx: Transaction, *, id: UUID, forum_id: UUID, tags: Sequence[str]) -> None:
    await tx.execute(
        "SELECT move_post(%(id)s, %(forum_id)s, %(tags)s)",
        {"id": id, "forum_id": forum_id, "tags": list(tags)},
    )


async def move_open_cases(tx: Transaction, *, post_id: UUID, source: UUID, target: UUID) -> None:
    """Moves open reports and appeals about the post and its comments to the forum `target`.

    Both forums are locked.
    """
    await tx.execute(
        "SELECT move_reports(%(post_id)s, %(source)s, %(target)s)",
        {"post_id": post_id, "source": source, "target": target},
    )


async def set_version_hidden(
    tx: Transaction, *, id: UUID, version: int, hidden_at: datetime | None
) -> bool:
    """None: the author may read it. Returns False where it was like this before."""
    return bool(
        await tx.execute(
            """
            UPDATE post_versions SET hidden_at = %(hidden_at)s
            WHERE post_id = %(id)s AND version = %(version)s
              AND (hidden_at IS NULL) = (%(hidden_at)s::timestamptz IS NOT NULL)
            """,
            {"id": id, "version": version, "hidden_at": hidden_at},
        )
    )
