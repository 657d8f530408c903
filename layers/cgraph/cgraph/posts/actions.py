"""Posts: who may see them and do what to them."""

from uuid import UUID

from cgraph.auth.caller import Caller
from cgraph.database import Transaction
from cgraph.errors import PostMoved, PostNotFound, Refusal
from cgraph.forums.actions import access_place
from cgraph.posts import queries
from cgraph.posts.models import Found


async def access_post(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    hidden: type[Refusal] = PostNotFound,
) -> Found:
    """Deleted and removed ones too. `author`: of what it is about where that is not the post, and
    `hidden` what is said where that is not theirs to know of. Raises `hidden`, NotAllowed.
    """
    post = await queries.post_row(tx, id=id)
    if post is None:
        raise hidden
    place = await access_place(
        tx, id=post.forum_id, caller=caller, author=author or post.author_id, hidden=hidden
    )
    if post.shadowed and post.author_id != caller.id and not place.moderates:
        raise hidden
    return Found(post, place)


async def lock_post(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    hidden: type[Refusal] = PostNotFound,
    with_forum: bool = False,
) -> Found:
    """`access_post` for whoever changes it or writes under it: first in a transaction, and until
    its end nothing else does. `with_forum`: for who tells the forum's stream too.

    Raises `hidden`, NotAllowed, PostMoved.
    """
    locked = await queries.lock(tx, id=id, reader=caller.id, with_forum=with_forum)
    if locked is None:
        raise hidden  # even if they come in just now: nothing has been locked
    if not locked:
        raise PostMoved
    return await access_post(tx, id=id, caller=caller, author=author, hidden=hidden)
