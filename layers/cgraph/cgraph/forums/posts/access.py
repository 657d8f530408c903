"""Access to a post: fetches it with its forum, and checks what the caller may do."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal
from cgraph.forums.access import require_access
from cgraph.forums.errors import PostMoved, PostNotFound
from cgraph.forums.posts import queries
from cgraph.forums.posts.rows import PostAccess, PostAccessRow


async def access_post(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author_id: UUID | None = None,
    not_found: type[Refusal] = PostNotFound,
    with_filters: bool = False,
) -> PostAccess:
    """Also of deleted and removed posts.

    `author_id`: the author of the comment that the request is about, where it is about one.
    `not_found`: raised where the caller may not see the post. Raises that, NotAllowed.
    """
    row = await queries.post_access(
        tx, id=id, reader=caller.id, writer=author_id, with_filters=with_filters
    )
    return require_post(row, caller=caller, author_id=author_id, not_found=not_found)


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
    row = await queries.post_access(
        tx,
        id=id,
        reader=caller.id,
        writer=author_id,
        locks="forum" if with_forum else "post",
        reaches_own=caller.policy.always,
    )
    if row is not None and row.is_elsewhere:
        raise PostMoved
    return require_post(row, caller=caller, author_id=author_id, not_found=not_found)


def require_post(
    row: PostAccessRow | None,
    *,
    caller: Caller,
    author_id: UUID | None,
    not_found: type[Refusal] = PostNotFound,
) -> PostAccess:
    """Raises `not_found`, NotAllowed."""
    if row is None:
        raise not_found
    author = author_id or row.author_id
    forum = row.forum_access()
    reaches_own = caller.policy.always and author == caller.id and not row.is_moved
    allowed = require_access(
        forum if forum.reads or reaches_own else None,
        caller=caller,
        author_id=author,
        not_found=not_found,
    )
    return PostAccess(row, allowed, row.etag)
