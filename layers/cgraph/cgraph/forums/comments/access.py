"""Access to a comment: fetches it with its post and forum, and checks what the caller may do."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.comments import queries
from cgraph.forums.comments.models import CommentAccess, CommentAccessRow, CommentRow
from cgraph.forums.errors import CommentNotFound, CommentNotInPost
from cgraph.forums.posts.access import require_post
from cgraph.forums.posts.rows import PostAccess


async def access_comment(
    tx: Transaction, *, id: UUID, caller: Caller, with_filters: bool = False
) -> CommentAccess:
    """Also of deleted and removed comments. Raises CommentNotFound, NotAllowed."""
    row = await queries.comment_access(tx, id=id, reader=caller.id, with_filters=with_filters)
    return require_comment(row, caller=caller)


def require_comment(row: CommentAccessRow | None, *, caller: Caller) -> CommentAccess:
    """Raises CommentNotFound, NotAllowed."""
    if row is None:
        raise CommentNotFound
    comment = row.comment()
    post_access = require_post(
        row, caller=caller, author_id=comment.author_id, not_found=CommentNotFound
    )
    return CommentAccess(comment, post_access, row.comment_etag)


async def comment_under_post(
    tx: Transaction, post_access: PostAccess, *, id: UUID, caller: Caller
) -> CommentRow:
    """A comment that a body names. Raises CommentNotInPost."""
    row = await queries.comment_access(tx, id=id, reader=caller.id)
    if row is None or row.id != post_access.post.id:
        raise CommentNotInPost
    return row.comment()
