"""Access to a comment: fetches it with its post and forum, and checks what the caller may do."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.comments import queries
from cgraph.forums.comments.models import CommentAccess, CommentRow
from cgraph.forums.errors import CommentNotFound, CommentNotInPost
from cgraph.forums.posts.access import access_post, select_post_for_update
from cgraph.forums.posts.rows import PostAccess


async def access_comment(tx: Transaction, *, id: UUID, caller: Caller) -> CommentAccess:
    """Also of deleted and removed comments. Raises CommentNotFound, NotAllowed."""
    comment = await queries.comment_row(tx, id=id, reader=caller.id)
    if comment is None:
        raise CommentNotFound
    post_access = await access_post(
        tx,
        id=comment.post_id,
        caller=caller,
        author_id=comment.author_id,
        not_found=CommentNotFound,
    )
    return CommentAccess(comment, post_access)


async def select_comment_for_update(
    tx: Transaction, *, id: UUID, caller: Caller, with_forum: bool = False
) -> CommentAccess:
    """`access_comment` for an action that changes the comment: it locks the post's stream until the
    transaction ends, and is the first statement of the transaction.

    `with_forum`: locks the forum's stream too, for events in it. Raises CommentNotFound,
    NotAllowed, PostMoved.
    """
    comment = await queries.comment_row(tx, id=id, reader=caller.id)
    if comment is None:
        raise CommentNotFound
    await select_post_for_update(
        tx,
        id=comment.post_id,
        caller=caller,
        author_id=comment.author_id,
        not_found=CommentNotFound,
        with_forum=with_forum,
    )
    return await access_comment(tx, id=id, caller=caller)


async def comment_under_post(
    tx: Transaction, post_access: PostAccess, *, id: UUID, caller: Caller
) -> CommentRow:
    """A comment that a body names. Raises CommentNotInPost."""
    comment = await queries.comment_row(tx, id=id, reader=caller.id)
    if comment is None or comment.post_id != post_access.post.id:
        raise CommentNotInPost
    return comment
