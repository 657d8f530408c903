"""Where posts stand: columns of theirs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.models import Counted


async def number_of_pins(tx: Transaction, *, forum_id: UUID) -> int:
    found = await tx.fetch_one(
        Counted,
        """
        SELECT count(*) AS number FROM posts
        WHERE forum_id = %(forum_id)s AND pinned_at IS NOT NULL
        """,
        {"forum_id": forum_id},
    )
    assert found is not None, "a count is always one row"
    return found.number


async def pin(tx: Transaction, *, id: UUID, now: datetime | None) -> None:
    """`now` None: it is pinned no more."""
    await tx.execute(
        "UPDATE posts SET pinned_at = %(now)s WHERE id = %(id)s", {"id": id, "now": now}
    )


async def lock(tx: Transaction, *, id: UUID, now: datetime | None) -> None:
    """`now` None: it takes comments again."""
    await tx.execute(
        "UPDATE posts SET locked_at = %(now)s WHERE id = %(id)s", {"id": id, "now": now}
    )


async def lock_forums(tx: Transaction, *, ids: Sequence[UUID]) -> None:
    """Their streams, the lesser id first."""
    await tx.execute(
        "SELECT FROM streams WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": list(ids)},
    )


async def move(tx: Transaction, *, id: UUID, forum_id: UUID, tags: Sequence[str]) -> None:
    await tx.execute(
        "SELECT move_post(%(id)s, %(forum_id)s, %(tags)s)",
        {"id": id, "forum_id": forum_id, "tags": list(tags)},
    )


async def move_open_cases(tx: Transaction, *, post_id: UUID, source: UUID, forum_id: UUID) -> None:
    """Takes open reports and appeals about the post and its comments to the other forum.

    Both forums are locked.
    """
    await tx.execute(
        "SELECT move_reports(%(post_id)s, %(source)s, %(forum_id)s)",
        {"post_id": post_id, "source": source, "forum_id": forum_id},
    )
