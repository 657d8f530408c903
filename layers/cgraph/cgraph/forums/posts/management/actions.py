"""What moderators do with a post: pin it, lock it, move it to another forum."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.access import access_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.errors import (
    NotHidden,
    NotLocked,
    NotPinned,
    PostMoved,
    TooManyPinnedPosts,
)
from cgraph.forums.events import record_forum_event
from cgraph.forums.models import Visibility
from cgraph.forums.posts import actions as posts
from cgraph.forums.posts.access import access_post, select_post_for_update
from cgraph.forums.posts.management import queries
from cgraph.forums.posts.models import PostRef
from cgraph.forums.posts.rows import PostAccess
from cgraph.forums.posts.rules import require_not_deleted, tags_known_in
from cgraph.forums.posts.versions import actions as versions
from cgraph.forums.rules import require_other_case, require_rank_for_text

MAX_PINNED_POSTS = 10


async def pin_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostDeleted, PostMoved,
    TooManyPinnedPosts.
    """
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_not_deleted(access.post)
    if access.post.pinned_at is None:
        pinned = await queries.count_pinned_posts(tx, forum_id=access.forum.id)
        if pinned >= MAX_PINNED_POSTS:
            raise TooManyPinnedPosts(f"A forum has at most {MAX_PINNED_POSTS} pinned posts")
        now = clock.now()
        await queries.set_pinned_at(tx, id=id, pinned_at=now)
        await _record(tx, access, caller=caller, action="pin_post", now=now)
    return await posts.post_json(tx, access, caller=caller)


async def unpin_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostMoved, NotPinned."""
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    if access.post.pinned_at is None:
        raise NotPinned
    await queries.set_pinned_at(tx, id=id, pinned_at=None)
    await _record(tx, access, caller=caller, action="unpin_post", now=clock.now())
    return await posts.post_json(tx, access, caller=caller)


async def lock_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Closes the post for everybody but moderators. A Post, as JSON. Raises PostNotFound,
    NotAllowed, HigherRank, PostDeleted, PostMoved.
    """
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_rank_for_text(access.forum.role, author=access.post.author_role)
    require_not_deleted(access.post)
    if access.post.locked_at is None:
        now = clock.now()
        await queries.set_locked_at(tx, id=id, locked_at=now)
        await _record(tx, access, caller=caller, action="lock_post", now=now)
    return await posts.post_json(tx, access, caller=caller)


async def unlock_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, HigherRank, PostMoved, NotLocked."""
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_rank_for_text(access.forum.role, author=access.post.author_role)
    if access.post.locked_at is None:
        raise NotLocked
    await queries.set_locked_at(tx, id=id, locked_at=None)
    await _record(tx, access, caller=caller, action="unlock_post", now=clock.now())
    return await posts.post_json(tx, access, caller=caller)


async def hide_version(tx: Transaction, *, caller: Caller, id: UUID, version: int) -> str:
    """An earlier version whose text only moderators read from now on. A PostVersion, as JSON.

    Raises PostNotFound, NotAllowed, OwnCase, HigherRank, PostMoved, VersionNotFound.
    """
    return await _set_hidden(tx, caller=caller, id=id, version=version, hidden_at=clock.now())


async def unhide_version(tx: Transaction, *, caller: Caller, id: UUID, version: int) -> str:
    """A PostVersion, as JSON. Raises PostNotFound, NotAllowed, OwnCase, HigherRank, PostMoved,
    VersionNotFound, NotHidden.
    """
    return await _set_hidden(tx, caller=caller, id=id, version=version, hidden_at=None)


async def _set_hidden(
    tx: Transaction, *, caller: Caller, id: UUID, version: int, hidden_at: datetime | None
) -> str:
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    require_other_case(judge=caller.id, user_id=access.post.author_id)
    require_rank_for_text(access.forum.role, author=access.post.author_role)
    is_changed = await queries.set_version_hidden(tx, id=id, version=version, hidden_at=hidden_at)
    json = await versions.version_json(tx, id=id, version=version)
    if not is_changed and hidden_at is None:
        raise NotHidden
    if is_changed:
        await audit.record(
            tx,
            forum_id=access.forum.id,
            actor=caller.id,
            action="unhide_version" if hidden_at is None else "hide_version",
            target=EntityRef(kind="post", id=id),
            detail={"version": version},
            now=clock.now(),
        )
    return json


async def move_post(tx: Transaction, *, caller: Caller, id: UUID, slug: str) -> str:
    """Moves the post to another forum that the caller moderates. A Post, as JSON.

    Raises PostNotFound, NotAllowed, HigherRank, PostDeleted, PostMoved; ForumNotFound (of the other
    forum).
    """
    source = (await access_post(tx, id=id, caller=caller)).forum
    target = await access_forum(tx, slug=slug, caller=caller)
    await queries.lock_forum_streams(tx, ids=[source.id, target.id])
    before = await select_post_for_update(tx, id=id, caller=caller)
    if before.forum.id != source.id:
        raise PostMoved
    require_rank_for_text(before.forum.role, author=before.post.author_role)
    target = await access_forum(tx, slug=slug, caller=caller)
    require_not_deleted(before.post)
    if target.id == source.id:
        return await posts.post_json(tx, before, caller=caller)
    now = clock.now()
    tags = tags_known_in(target, before.post.tags)
    await queries.move_post(tx, id=id, forum_id=target.id, tags=tags)
    after = PostAccess(before.post, target)
    await _audit_move(tx, before, after, caller=caller, now=now)
    await queries.move_open_cases(tx, post_id=id, source=source.id, target=target.id)
    await _record_move(tx, before, after, now=now)
    return await posts.post_json(tx, after, caller=caller)


async def _record(
    tx: Transaction, access: PostAccess, *, caller: Caller, action: str, now: datetime
) -> None:
    await audit.record(
        tx,
        forum_id=access.forum.id,
        actor=caller.id,
        action=action,
        target=EntityRef(kind="post", id=access.post.id),
        now=now,
    )
    await posts.record_post_change(tx, access, type="post.updated", now=now)


async def _audit_move(
    tx: Transaction, before: PostAccess, after: PostAccess, *, caller: Caller, now: datetime
) -> None:
    """In both forums. The entry of a forum does not name the other one if that is private."""
    source, target = before.forum, after.forum
    for forum in (source, target):
        slugs = [
            each.slug if each is forum or each.visibility is not Visibility.PRIVATE else None
            for each in (source, target)
        ]
        await audit.record(
            tx,
            forum_id=forum.id,
            actor=caller.id,
            action="move_post",
            target=EntityRef(kind="post", id=before.post.id),
            detail={"from": slugs[0], "to": slugs[1]},
            now=now,
        )


async def _record_move(
    tx: Transaction, before: PostAccess, after: PostAccess, *, now: datetime
) -> None:
    """Subscribers of the source forum learn where the post went, unless that forum is private."""
    if before.post.withheld is not None:
        return
    data = await posts.post_payload(tx, before.post.id)
    source_data = data
    if after.forum.visibility is Visibility.PRIVATE:
        source_data = {"post": PostRef(id=before.post.id).model_dump(mode="json")}
    await record_forum_event(tx, before.forum, type="post.moved", data=source_data, now=now)
    await record_forum_event(tx, after.forum, type="post.moved", data=data, now=now)
    await posts.record_post_event(tx, after, type="post.moved", data=data, now=now)
