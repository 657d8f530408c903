"""Posts: written in a forum, edited and deleted where they stand, removed by moderators."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal, StaleVersion
from cgraph.core.markdown import render
from cgraph.core.pagination import Page, decode_cursor, encode_cursor
from cgraph.events import nonces
from cgraph.events.streams import forum_stream, post_stream
from cgraph.forums.access import (
    access_forum_by_id,
    audience_of,
    lock_forum,
    require_posting,
    require_slow_mode,
)
from cgraph.forums.errors import PostMoved, PostNotFound
from cgraph.forums.filters import actions as filters
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts import queries
from cgraph.forums.posts.models import (
    VERSIONS_AT_MOST,
    PostAccess,
    PostDraft,
    Posted,
    PostEdit,
    PostVersion,
)
from cgraph.forums.posts.rules import fitting_tags, require_there
from cgraph.realtime.announcements import record_event


async def access_post(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    not_found: type[Refusal] = PostNotFound,
) -> PostAccess:
    """Deleted and removed ones too. `author`: of what it is about where that is not the post, and
    `not_found` what is said where that is not theirs to know of. Raises `not_found`, NotAllowed.
    """
    post = await queries.post_row(tx, id=id)
    if post is None:
        raise not_found
    place = await access_forum_by_id(
        tx, id=post.forum_id, caller=caller, author=author or post.author_id, not_found=not_found
    )
    if post.shadowed and post.author_id != caller.id and not place.moderates:
        raise not_found
    return PostAccess(post, place)


async def select_post_for_update(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    not_found: type[Refusal] = PostNotFound,
    with_forum: bool = False,
) -> PostAccess:
    """`access_post` for whoever changes it or writes under it: first in a transaction, and until
    its end nothing else does. `with_forum`: for who tells the forum's stream too.

    Raises `not_found`, NotAllowed, PostMoved.
    """
    locked = await queries.lock(tx, id=id, reader=caller.id, with_forum=with_forum)
    if locked is None:
        raise not_found  # even if they come in just now: nothing has been locked
    if not locked:
        raise PostMoved
    return await access_post(tx, id=id, caller=caller, author=author, not_found=not_found)


async def create_post(tx: Transaction, *, caller: Caller, slug: str, draft: PostDraft) -> Posted:
    """Raises ForumNotFound, NotAllowed, InvalidTags, Filtered, RateLimited (slow mode),
    NonceConflict.
    """
    html = render(draft.body)  # before others wait for it
    place = await lock_forum(tx, slug=slug, caller=caller)
    asked = nonces.request_hash(
        f"create_post {place.id}", draft.model_dump(mode="json", exclude={"nonce"})
    )
    if draft.nonce and (
        first_id := await nonces.created_id(
            tx, user_id=caller.id, nonce=draft.nonce, request_hash=asked
        )
    ):
        found = await access_post(tx, id=first_id, caller=caller)
        return Posted(await as_shown(tx, found, caller=caller), replayed=True)
    require_posting(place)
    tags = fitting_tags(draft.tags, place=place)
    is_suspect = await filters.check(tx, place, *_texts(draft))
    await require_slow_mode(tx, place, user_id=caller.id)
    now = clock.now()
    id = ids.uuid7(now)
    if draft.nonce:
        await nonces.store_nonce(
            tx,
            user_id=caller.id,
            nonce=draft.nonce,
            request_hash=asked,
            created_id=id,
            now=now,
        )
    await queries.write_post(
        tx,
        id=id,
        forum_id=place.id,
        author=caller.id,
        draft=draft,
        html=html,
        tags=tags,
        shadowed=place.shadowed,
        now=now,
    )
    if is_suspect:
        await filters.report(tx, place, kind="post", id=id, now=now)
    if not place.shadowed:
        await tell_forum(tx, place, type="post.created", data=await as_told(tx, id), now=now)
    shown = await queries.shown(tx, id=id, reader=caller.id, moderates=place.moderates)
    return Posted(shown, replayed=False)


async def show_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound."""
    return await as_shown(tx, await access_post(tx, id=id, caller=caller), caller=caller)


async def edit_post(tx: Transaction, *, caller: Caller, id: UUID, edit: PostEdit) -> Posted:
    """Raises PostNotFound, NotAllowed, PostDeleted, PostMoved, StaleVersion, InvalidTags,
    Filtered.
    """
    html = None if edit.body is None else render(edit.body)
    found = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    post, now = found.post, clock.now()
    require_there(post)
    title = post.title if edit.title is None else edit.title
    body = post.body if edit.body is None else edit.body
    tags = post.tags if edit.tags is None else fitting_tags(edit.tags, place=found.place)
    is_same = (title, body, tags) == (post.title, post.body, post.tags)
    if is_same and post.version in (edit.version, edit.version + 1):
        return Posted(await as_shown(tx, found, caller=caller), replayed=True)
    if post.version != edit.version:
        raise StaleVersion(f"The post is at version {post.version}")
    is_suspect = await filters.check(tx, found.place, title, body, *tags)
    await queries.edit_post(
        tx, id=id, title=title, body=body, html=html, tags=tags, editor=caller.id, now=now
    )
    if is_suspect:
        await filters.report(tx, found.place, kind="post", id=id, now=now)
    await tell(tx, found, type="post.updated", now=now)
    return Posted(await as_shown(tx, found, caller=caller), replayed=False)


async def list_versions(
    tx: Transaction, *, caller: Caller, id: UUID, cursor: str | None, limit: int
) -> Page[PostVersion]:
    """The last one first; none of what is deleted or removed. Raises PostNotFound,
    InvalidCursor.
    """
    found = await access_post(tx, id=id, caller=caller)
    scope = f"versions:{id}"
    below = VERSIONS_AT_MOST if cursor is None else int(decode_cursor(scope, cursor, int)[0])
    if found.post.removed_at is not None and not found.place.moderates:
        return Page(items=[], next=None)
    items = await queries.versions(tx, id=id, below=below, limit=limit + 1)
    more = encode_cursor(scope, items[limit - 1].version) if len(items) > limit else None
    return Page(items=items[:limit], next=more)


async def delete_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """The tombstone: its place stays, its text goes, out of the log too. Raises PostNotFound,
    NotAllowed, PostMoved.
    """
    found = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    if found.post.deleted_at is None:
        now = clock.now()
        await queries.delete_post(tx, id=id, now=now)
        await tell(tx, found, type="post.deleted", now=now)
    return await as_shown(tx, found, caller=caller)


async def remove_post(tx: Transaction, found: PostAccess, *, now: datetime) -> None:
    """By moderators, who locked it with its forum: out of the lists and the log, until restored."""
    if found.post.removed_at is None and found.post.deleted_at is None:
        await queries.remove_post(tx, id=found.post.id, now=now)
        await tell(tx, found, type="post.removed", now=now)


async def restore_post(tx: Transaction, found: PostAccess, *, now: datetime) -> None:
    """As `remove_post`."""
    if found.post.removed_at is not None and found.post.deleted_at is None:
        await queries.restore_post(tx, id=found.post.id)
        await tell(tx, found, type="post.restored", now=now)


async def tell(tx: Transaction, found: PostAccess, *, type: str, now: datetime) -> None:
    """In the streams of the post and its forum, which are locked: nothing of what is shadowed."""
    if found.post.shadowed:
        return
    data = await as_told(tx, found.post.id)
    await tell_forum(tx, found.place, type=type, data=data, now=now)
    await tell_post(tx, found, type=type, data=data, now=now)


async def tell_forum(
    tx: Transaction, place: ForumAccess, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    audience = await audience_of(tx, place)
    stream = forum_stream(place.id)
    await record_event(tx, stream=stream, type=type, data=data, audience=audience, now=now)


async def tell_post(
    tx: Transaction, found: PostAccess, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    audience = await audience_of(tx, found.place)
    stream = post_stream(found.post.id)
    await record_event(tx, stream=stream, type=type, data=data, audience=audience, now=now)


async def as_told(tx: Transaction, id: UUID) -> dict[str, Any]:
    return {"post": await queries.told(tx, id=id)}


async def as_shown(tx: Transaction, found: PostAccess, *, caller: Caller) -> str:
    """As it is now, to whoever found it."""
    return await queries.shown(
        tx, id=found.post.id, reader=caller.id, moderates=found.place.moderates
    )


def _texts(draft: PostDraft) -> list[str]:
    """All that people will read of it."""
    options = draft.poll.options if draft.poll else []
    return [draft.title, draft.body, draft.url or "", *draft.tags, *options]
