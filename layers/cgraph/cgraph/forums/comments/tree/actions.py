"""Comments read as a tree, in pages of each level."""

from uuid import UUID

from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import CursorExpired
from cgraph.core.policies import AccessContext
from cgraph.forums.comments.tree import queries
from cgraph.forums.comments.tree.models import Sort
from cgraph.forums.comments.tree.rules import beginning, position_of
from cgraph.forums.errors import CommentNotFound, PostNotFound


async def list_comments(
    tx: Transaction,
    *,
    caller: Caller,
    post_id: UUID,
    parent: UUID | None,
    sort: Sort,
    cursor: str | None,
    limit: int,
) -> str:
    """A CommentLevel, as JSON: the comments under the post or under `parent`, each with some of its
    replies. Raises PostNotFound, CommentNotFound, InvalidCursor, CursorExpired.
    """
    under = parent or post_id
    after = beginning(sort) if cursor is None else position_of(cursor, under=under, sort=sort)
    page = await queries.tree(
        tx, post_id=post_id, parent=parent, reader=caller.id, sort=sort, after=after, limit=limit
    )
    context = AccessContext(page.role) if page.role else None
    policies.require(caller.policy, context, not_found=PostNotFound)
    if page.is_expired:
        raise CursorExpired
    if page.level is None:
        raise CommentNotFound
    return page.level
