"""The tree of comments, comment_tree() of infra/schema/forums/comment_tree.sql."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.comments.tree.models import Position, Sort, Tree


async def tree(
    tx: Transaction,
    *,
    post_id: UUID,
    parent: UUID | None,
    reader: UUID,
    sort: Sort,
    after: Position,
    limit: int,
) -> Tree:
    """One round trip."""
    page = await tx.fetch_one(
        Tree,
        """
        SELECT * FROM comment_tree(%(post_id)s, %(parent)s, %(reader)s, %(sort)s, %(moment)s,
            %(rank)s, %(after)s, %(seen)s, %(limit)s)
        """,
        {
            "post_id": post_id,
            "parent": parent,
            "reader": reader,
            "sort": str(sort),
            "moment": after.moment,
            "rank": after.rank,
            "after": after.id,
            "seen": after.seen,
            "limit": limit,
        },
    )
    assert page is not None, "the function always answers one row"
    return page
