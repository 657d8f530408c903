"""Where a post stands: pinned on top of its forum, locked, in another one."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.access import access_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.errors import PostMoved, TooManyPinnedPosts
from cgraph.forums.models import Visibility
from cgraph.forums.posts import actions as posts
from cgraph.forums.posts.management import queries
from cgraph.forums.posts.models import GonePost, PostAccess
from cgraph.forums.posts.rules import known_tags, require_there

PINS_AT_MOST = 10


async def pin_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostDeleted, PostMoved,
    TooManyPinnedPosts.
    """
    found = await posts.select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_there(found.post)
    if found.post.pinned_at is None:
        if await queries.number_of_pins(tx, forum_id=found.place.id) >= PINS_AT_MOST:
            raise TooManyPinnedPosts(f"A forum has at most {PINS_AT_MOST} pinned posts")
        now = clock.now()
        await queries.pin(tx, id=id, now=now)
        await _tell(tx, found, caller=caller, action="pin_post", now=now)
    return await posts.as_shown(tx, found, caller=caller)


async def unpin_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostMoved."""
    found = await posts.select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    if found.post.pinned_at is not None:
        await queries.pin(tx, id=id, now=None)
        await _tell(tx, found, caller=caller, action="unpin_post", now=clock.now())
    return await posts.as_shown(tx, found, caller=caller)


async def lock_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """It takes no more comments. A Post, as JSON. Raises PostNotFound, NotAllowed, PostDeleted,
    PostMoved.
    """
    found = await posts.select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_there(found.post)
    if found.post.locked_at is None:
        now = clock.now()
        await queries.lock(tx, id=id, now=now)
        await _tell(tx, found, caller=caller, action="lock_post", now=now)
    return await posts.as_shown(tx, found, caller=caller)


async def unlock_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostMoved."""
    found = await posts.select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    if found.post.locked_at is not None:
        await queries.lock(tx, id=id, now=None)
        await _tell(tx, found, caller=caller, action="unlock_post", now=clock.now())
    return await posts.as_shown(tx, found, caller=caller)


async def move_post(tx: Transaction, *, caller: Caller, id: UUID, slug: str) -> str:
    """To another forum that they moderate too; its address stays. A Post, as JSON.

    Raises PostNotFound, NotAllowed, PostDeleted, PostMoved; ForumNotFound (the other one).
    """
    source = (await posts.access_post(tx, id=id, caller=caller)).place
    target = await access_forum(tx, slug=slug, caller=caller)
    await queries.lock_forums(tx, ids=[source.id, target.id])
    before = await posts.select_post_for_update(tx, id=id, caller=caller)
    if before.place.id != source.id:
        raise PostMoved
    target = await access_forum(tx, slug=slug, caller=caller)
    require_there(before.post)
    if target.id == source.id:
        return await posts.as_shown(tx, before, caller=caller)
    now = clock.now()
    tags = known_tags(before.post.tags, place=target)
    await queries.move(tx, id=id, forum_id=target.id, tags=tags)
    after = PostAccess(before.post, target)
    await _record_move(tx, before, after, caller=caller, now=now)
    await _tell_of_move(tx, before, after, now=now)
    return await posts.as_shown(tx, after, caller=caller)


async def _tell(
    tx: Transaction, found: PostAccess, *, caller: Caller, action: str, now: datetime
) -> None:
    await audit.record(
        tx,
        forum_id=found.place.id,
        actor=caller.id,
        action=action,
        target=Subject(kind="post", id=found.post.id),
        now=now,
    )
    await posts.tell(tx, found, type="post.updated", now=now)


async def _record_move(
    tx: Transaction, before: PostAccess, after: PostAccess, *, caller: Caller, now: datetime
) -> None:
    """In both forums; that of one does not name the other where that is private."""
    source, target = before.place, after.place
    for place in (source, target):
        named = [
            each.slug if each is place or each.visibility is not Visibility.PRIVATE else None
            for each in (source, target)
        ]
        await audit.record(
            tx,
            forum_id=place.id,
            actor=caller.id,
            action="move_post",
            target=Subject(kind="post", id=before.post.id),
            detail={"from": named[0], "to": named[1]},
            now=now,
        )
    await queries.move_open_cases(tx, post_id=before.post.id, source=source.id, forum_id=target.id)


async def _tell_of_move(
    tx: Transaction, before: PostAccess, after: PostAccess, *, now: datetime
) -> None:
    """The forum that it leaves learns where to, unless that is private."""
    if before.post.shadowed:
        return
    data = await posts.as_told(tx, before.post.id)
    gone = GonePost(id=before.post.id).model_dump(mode="json")
    is_hidden = after.place.visibility is Visibility.PRIVATE
    told = {"post": gone} if is_hidden else data
    await posts.tell_forum(tx, before.place, type="post.moved", data=told, now=now)
    await posts.tell_forum(tx, after.place, type="post.moved", data=data, now=now)
    await posts.tell_post(tx, after, type="post.moved", data=data, now=now)
