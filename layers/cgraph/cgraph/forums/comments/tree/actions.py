"""Comments listed as a tree, in pages of each level."""

from uuid import UUID

from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import CursorExpired
from cgraph.core.policies import AccessContext
from cgraph.forums.comments.tree import queries
from cgraph.forums.comments.tree.models import CommentSort
from cgraph.forums.comments.tree.rules import decode_level_cursor, first_position
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.forums.policies import ForumRole
from cgraph.media.urls import fill


async def list_comments(
    tx: Transaction,
    *,
    caller: Caller,
    post_id: UUID,
    parent: UUID | None,
    sort: CommentSort,
    cursor: str | None,
    limit: int,
) -> str:
    """A CommentLevel, as JSON: the replies to the post or to `parent`, each with some of its own
    replies. Raises PostNotFound, CommentNotFound, InvalidCursor, CursorExpired.
    """
    after = first_position(sort)
    if cursor is not None:
        after = decode_level_cursor(cursor, parent=parent or post_id, sort=sort)
    row = await queries.list_comments(
        tx, post_id=post_id, parent=parent, reader=caller.id, sort=sort, after=after, limit=limit
    )
    context = AccessContext(ForumRole(row.role)) if row.role else None
    policies.require(caller.policy, context, not_found=PostNotFound)
    if row.is_expired:
        raise CursorExpired
    if row.json is None:
        raise CommentNotFound
    return fill(row.json)
