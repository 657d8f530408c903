"""Reads posts and comments alike."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.targets.models import Target, TargetKind


async def target_row(tx: Transaction, *, kind: TargetKind, id: UUID) -> Target | None:
    return await tx.fetch_one(
        Target,
        """
        SELECT t.*, m.role AS author_role
        FROM (
            SELECT 'post' AS kind, id, id AS post_id, author_id, withheld, deleted_at, removed_at
            FROM posts WHERE id = %(id)s AND %(kind)s = 'post'
            UNION ALL
            SELECT 'comment', id, post_id, author_id, withheld, deleted_at, removed_at
            FROM comments WHERE id = %(id)s AND %(kind)s = 'comment'
        ) t
        JOIN posts p ON p.id = t.post_id
        LEFT JOIN forum_members m ON m.forum_id = p.forum_id AND m.user_id = t.author_id
        """,
        {"id": id, "kind": kind},
    )
