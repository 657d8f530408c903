"""Reads posts and comments alike."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.targets.models import Target, TargetKind


async def target_row(tx: Transaction, *, kind: TargetKind, id: UUID, reader: UUID) -> Target | None:
    """None where it does not exist for the reader."""
    return await tx.fetch_one(
        Target,
        """
        SELECT kind, id, post_id, forum_id, author_id, withheld, below_withheld, deleted_at,
               removed_at, author_role
        FROM target_row(%(kind)s, %(id)s, %(reader)s)
        """,
        {"id": id, "kind": kind, "reader": reader},
    )
