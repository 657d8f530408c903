"""Reads posts and comments alike."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.targets.models import Target, TargetKind


async def target_row(tx: Transaction, *, kind: TargetKind, id: UUID, reader: UUID) -> Target | None:
    """None where it does not exist for the reader."""
    return await tx.fetch_one(
        Target,
        """
        SELECT t.*, m.role AS author_role
        FROM (
            SELECT 'post' AS kind, id, id AS post_id, forum_id, author_id, withheld,
                   false AS below_withheld, deleted_at, removed_at
            FROM posts p
            WHERE id = %(id)s AND %(kind)s = 'post' AND role_at_post(p, %(reader)s) IS NOT NULL
            UNION ALL
            SELECT 'comment', c.id, c.post_id, p.forum_id, c.author_id, c.withheld,
                   c.below_withheld, c.deleted_at, c.removed_at
            FROM comments c JOIN posts p ON p.id = c.post_id
            WHERE c.id = %(id)s AND %(kind)s = 'comment'
              AND role_at_comment(c, %(reader)s) IS NOT NULL
        ) t
        LEFT JOIN forum_members m ON m.forum_id = t.forum_id AND m.user_id = t.author_id
        """,
        {"id": id, "kind": kind, "reader": reader},
    )
