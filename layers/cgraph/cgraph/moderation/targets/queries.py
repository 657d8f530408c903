"""Reads posts and comments alike."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.targets.models import Target, TargetKind


async def target_row(tx: Transaction, *, kind: TargetKind, id: UUID, reader: UUID) -> Target | None:
    """None where it does not exist for the reader."""
    return await tx.fetch_one(
        Target,
        """
        SELECT 'post' AS kind, id, id AS post_id, author_id, withheld, false AS below_withheld,
               deleted_at, removed_at
        FROM posts p
        WHERE id = %(id)s AND %(kind)s = 'post' AND role_at_post(p, %(reader)s) IS NOT NULL
        UNION ALL
        SELECT 'comment', id, post_id, author_id, withheld, below_withheld, deleted_at, removed_at
        FROM comments c
        WHERE id = %(id)s AND %(kind)s = 'comment'
          AND role_at_comment(c, %(reader)s) IS NOT NULL
        """,
        {"id": id, "kind": kind, "reader": reader},
    )
