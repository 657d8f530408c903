"""Access to a post: fetches it with its forum, and checks what the caller may do."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal
from cgraph.forums.access import access_forum_by_id
from cgraph.forums.errors import PostMoved, PostNotFound
from cgraph.forums.posts import queries
from cgraph.forums.posts.rows import PostAccess


async def access_post(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author_id: UUID | None = None,
    not_found: type[Refusal] = PostNotFound,
) -> PostAccess:
    """Also of deleted and removed posts.

    `author_id`: the author of the comment that the request is about, where it is about one.
    `not_found`: raised where the caller may not see the post. Raises that, NotAllowed.
    """
    post = await queries.post_row(tx, id=id, reader=caller.id, author=author_id)
    if post is None:
        raise not_found
    forum = await access_forum_by_id(
        tx,
        id=post.forum_id,
        caller=caller,
        author_id=author_id or post.author_id,
        knows_forum=not post.is_moved,
        not_found=not_found,
    )
    return PostAccess(post, forum)


async def select_post_for_update(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author_id: UUID | None = None,
    not_found: type[Refusal] = PostNotFound,
    with_forum: bool = False,
) -> PostAccess:
    """`access_post` for an action that changes the post or writes under it: it locks the post's
    stream until the transaction ends, and is the first statement of the transaction.

    `with_forum`: locks the forum's stream too, for events in it. Raises `not_found`, NotAllowed,
    PostMoved.
    """
    is_author = caller.policy.always and await _is_author(
        tx, id=id, caller=caller, author_id=author_id
    )
    is_locked = await queries.lock_post_streams(
        tx, id=id, reader=caller.id, is_author=is_author, with_forum=with_forum
    )
    if is_locked is None:
        raise not_found  # also for a caller who gets access just now: nothing has been locked
    if not is_locked:
        raise PostMoved
    return await access_post(tx, id=id, caller=caller, author_id=author_id, not_found=not_found)


async def _is_author(tx: Transaction, *, id: UUID, caller: Caller, author_id: UUID | None) -> bool:
    """Of the post, or of the comment under it whose author is `author_id`."""
    if author_id is not None:
        return author_id == caller.id
    post = await queries.post_row(tx, id=id, reader=caller.id)
    return post is not None and post.author_id == caller.id
