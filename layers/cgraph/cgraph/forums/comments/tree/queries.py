"""The tree of comments in Postgres."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.comments.tree.models import CommentLevelRow, CommentSort, LevelPosition


async def list_comments(
    tx: Transaction,
    *,
    post_id: UUID,
    parent: UUID | None,
    reader: UUID,
    sort: CommentSort,
    after: LevelPosition,
    limit: int,
) -> CommentLevelRow:
    """Checks access and reads the page in one round trip."""
    row = await tx.fetch_one(
        CommentLevelRow,
        """
        SELECT role, is_expired, level AS json
        FROM comment_tree(%(post_id)s, %(parent)s, %(reader)s, %(sort)s, %(ranks_at)s,
            %(rank)s, %(after)s, %(skipped)s, %(limit)s)
        """,
        {
            "post_id": post_id,
            "parent": parent,
            "reader": reader,
            "sort": str(sort),
            "ranks_at": after.ranks_at,
            "rank": after.rank,
            "after": after.id,
            "skipped": after.skipped,
            "limit": limit,
        },
    )
    assert row is not None, "the function always returns one row"
    return row
