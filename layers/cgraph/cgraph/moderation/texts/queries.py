"""Everything that one user wrote in one forum. The callers have locked the forum."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.texts.models import TextRow, VoteCountRow


async def texts_to_remove(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, since: datetime | None, limit: int
) -> list[TextRow]:
    """Posts and comments that are neither deleted nor removed, the newest first. `since`: None is
    from the beginning.
    """
    return await tx.fetch(
        TextRow,
        """
        SELECT * FROM (
            (SELECT 'post' AS kind, id, id AS post_id, false AS withheld FROM posts
             WHERE author_id = %(user_id)s AND forum_id = %(forum_id)s
               AND deleted_at IS NULL AND removed_at IS NULL
               AND created_at >= coalesce(%(since)s::timestamptz, '-infinity')
             ORDER BY id DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT 'comment', c.id, c.post_id, false
             FROM comments c JOIN posts p ON p.id = c.post_id AND p.forum_id = %(forum_id)s
             WHERE c.author_id = %(user_id)s AND c.deleted_at IS NULL AND c.removed_at IS NULL
               AND c.created_at >= coalesce(%(since)s::timestamptz, '-infinity')
             ORDER BY c.id DESC LIMIT %(limit)s)
        ) AS texts
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"forum_id": forum_id, "user_id": user_id, "since": since, "limit": limit},
    )


async def texts_to_restore(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, lift_removals: bool, limit: int
) -> list[TextRow]:
    """What was written under a shadow ban, and with `lift_removals` what was removed with a ban,
    the oldest first, so that comments come after what they reply to. Begins with what the user
    wrote: otherwise it might go through everything that is withheld in the forum.
    """
    return await tx.fetch(
        TextRow,
        """
        WITH own_posts AS MATERIALIZED (
            SELECT id, forum_id, withheld, deleted_at, removed_at FROM posts
            WHERE author_id = %(user_id)s
        ), own_comments AS MATERIALIZED (
            SELECT id, post_id, withheld, deleted_at, removed_at FROM comments
            WHERE author_id = %(user_id)s
        )
        SELECT 'post' AS kind, id, id AS post_id, true AS withheld FROM own_posts
        WHERE forum_id = %(forum_id)s AND withheld = 'shadow_ban'
          AND deleted_at IS NULL AND removed_at IS NULL
        UNION ALL
        SELECT 'comment', c.id, c.post_id, true
        FROM own_comments c JOIN posts p ON p.id = c.post_id AND p.forum_id = %(forum_id)s
        WHERE c.withheld = 'shadow_ban' AND c.deleted_at IS NULL AND c.removed_at IS NULL
        UNION ALL
        SELECT r.target_kind, r.target_id, coalesce(c.post_id, r.target_id), false
        FROM removals r LEFT JOIN comments c ON c.id = r.target_id
        LEFT JOIN posts p ON p.id = r.target_id
        WHERE %(lift_removals)s AND r.forum_id = %(forum_id)s AND r.author_id = %(user_id)s
          AND r.with_ban AND r.lifted_at IS NULL
          AND c.deleted_at IS NULL AND p.deleted_at IS NULL
        ORDER BY id LIMIT %(limit)s
        """,
        {
            "forum_id": forum_id,
            "user_id": user_id,
            "lift_removals": lift_removals,
            "limit": limit,
        },
    )


async def lock_post_streams(tx: Transaction, *, ids: Sequence[UUID]) -> None:
    """Locks the streams until the transaction ends, the lesser id first."""
    await tx.execute(
        "SELECT FROM streams WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": list(ids)},
    )


async def count_votes(tx: Transaction, *, forum_id: UUID, user_id: UUID, at_most: int) -> int:
    """Counts votes that were cast under a shadow ban. Returns how many."""
    row = await tx.fetch_one(
        VoteCountRow,
        "SELECT count_votes_of(%(forum_id)s, %(user_id)s, %(at_most)s) AS number",
        {"forum_id": forum_id, "user_id": user_id, "at_most": at_most},
    )
    assert row is not None, "the function always returns one row"
    return row.number
