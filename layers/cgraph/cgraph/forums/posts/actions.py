"""Posts: creating, showing, editing, deleting, removing and restoring them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import StaleVersion
from cgraph.core.markdown import Rendered, render
from cgraph.events import nonces
from cgraph.events.streams import forum_stream, post_stream
from cgraph.forums.access import (
    audience_of,
    broadcast_in,
    lock_forum,
    require_posting,
    require_slow_mode,
)
from cgraph.forums.events import record_forum_event
from cgraph.forums.filters.actions import (
    check_edit,
    check_filters,
    file_filter_report,
    withheld_by,
)
from cgraph.forums.models import ForumAccess, Withheld, WriteResult
from cgraph.forums.posts import queries
from cgraph.forums.posts.access import access_post, select_post_for_update
from cgraph.forums.posts.models import PostDraft, PostEdit
from cgraph.forums.posts.rows import PostAccess
from cgraph.forums.posts.rules import require_not_deleted, require_open, validated_tags
from cgraph.realtime.announcements import record_event, record_own_event


async def create_post(
    tx: Transaction, *, caller: Caller, slug: str, draft: PostDraft
) -> WriteResult:
    """A Post. Raises ForumNotFound, NotAllowed, InvalidTags, Filtered, RateLimited (slow mode),
    NonceConflict.
    """
    rendered = render(draft.body)  # before the lock, for which others wait
    forum = await lock_forum(tx, slug=slug, caller=caller)
    body = draft.model_dump(mode="json", exclude={"nonce"})
    request_hash = nonces.request_hash(f"create_post {forum.id}", body)
    if json := await _created_before(tx, caller, nonce=draft.nonce, request_hash=request_hash):
        return WriteResult(json, replayed=True)
    require_posting(forum)
    tags = validated_tags(draft.tags, forum=forum)
    match = await check_filters(
        tx, forum, *_texts(draft), rendered=rendered, links=[draft.url] if draft.url else []
    )
    await require_slow_mode(tx, forum, user_id=caller.id)
    now = clock.now()
    id = ids.uuid7(now)
    if draft.nonce:
        await nonces.store_nonce(
            tx,
            user_id=caller.id,
            nonce=draft.nonce,
            request_hash=request_hash,
            created_id=id,
            now=now,
        )
    await _insert(
        tx,
        forum,
        author=caller.id,
        id=id,
        draft=draft,
        rendered=rendered,
        tags=tags,
        withheld=withheld_by(match, forum),
        now=now,
    )
    if match is not None:
        await file_filter_report(tx, forum, kind="post", id=id, now=now)
    json = await queries.post_json(tx, id=id, reader=caller.id, moderates=forum.moderates)
    return WriteResult(json, replayed=False)


async def show_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON. Raises PostNotFound."""
    return await post_json(tx, await access_post(tx, id=id, caller=caller), caller=caller)


async def edit_post(tx: Transaction, *, caller: Caller, id: UUID, edit: PostEdit) -> WriteResult:
    """A Post. Raises PostNotFound, NotAllowed, PostDeleted, PostLocked, PostMoved, StaleVersion,
    InvalidTags, Filtered.
    """
    rendered = None if edit.body is None else render(edit.body)
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    post, forum, now = access.post, access.forum, clock.now()
    require_not_deleted(post)
    title = post.title if edit.title is None else edit.title
    body = post.body if edit.body is None else edit.body
    tags = post.tags if edit.tags is None else validated_tags(edit.tags, forum=forum)
    is_same = (title, body, tags) == (post.title, post.body, post.tags)
    if is_same and post.version in (edit.version, edit.version + 1):
        return WriteResult(await post_json(tx, access, caller=caller), replayed=True)
    require_open(access)
    if post.version != edit.version:
        raise StaleVersion(f"The post is at version {post.version}")
    rendered = rendered or render(body)
    is_suspect = await check_edit(
        tx, forum, title, *tags, rendered=rendered, withheld=post.withheld
    )
    await queries.update_post(
        tx,
        id=id,
        title=title,
        body=body,
        rendered=rendered,
        broadcast=broadcast_in(forum, rendered),
        tags=tags,
        editor=caller.id,
        now=now,
    )
    if is_suspect:
        await file_filter_report(tx, forum, kind="post", id=id, now=now)
    await record_post_change(tx, access, type="post.updated", now=now)
    return WriteResult(await post_json(tx, access, caller=caller), replayed=False)


async def delete_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Erases the post's content, also in logged events. Returns the tombstone: a Post, as JSON.

    Raises PostNotFound, NotAllowed, PostMoved.
    """
    access = await select_post_for_update(tx, id=id, caller=caller, with_forum=True)
    if access.post.deleted_at is None:
        now = clock.now()
        await queries.delete_post(tx, id=id, now=now)
        await record_post_change(tx, access, type="post.deleted", now=now)
    return await post_json(tx, access, caller=caller)


async def remove_post(tx: Transaction, access: PostAccess, *, now: datetime) -> None:
    """Takes the post out of the lists, and its content out of logged events, until it is restored.

    The caller is a moderator's action that has locked the post with its forum.
    """
    if access.post.removed_at is None and access.post.deleted_at is None:
        await queries.remove_post(tx, id=access.post.id, now=now)
        await record_post_change(tx, access, type="post.removed", now=now)


async def restore_post(tx: Transaction, access: PostAccess, *, now: datetime) -> None:
    """Undoes `remove_post`, under the same locks."""
    if access.post.removed_at is not None and access.post.deleted_at is None:
        await queries.restore_post(tx, id=access.post.id)
        await record_post_change(tx, access, type="post.restored", now=now)


async def publish_post(tx: Transaction, access: PostAccess, *, now: datetime) -> None:
    """Shows a withheld post to all readers of the forum. The caller has locked the post with its
    forum.
    """
    await queries.publish_post(tx, id=access.post.id)
    data = await post_payload(tx, access.post.id)
    await record_forum_event(tx, access.forum, type="post.created", data=data, now=now)


async def record_post_change(
    tx: Transaction, access: PostAccess, *, type: str, now: datetime
) -> None:
    """An event with the post in the streams of the post and of its forum, which the caller has
    locked. Of a withheld post only the author gets one.
    """
    if access.post.withheld is not None:
        author = access.post.author_id
        await record_own_change(tx, access, type=type, user_id=author, now=now)
        return
    data = await post_payload(tx, access.post.id)
    await record_forum_event(tx, access.forum, type=type, data=data, now=now)
    await record_post_event(tx, access, type=type, data=data, now=now)


async def record_post_event(
    tx: Transaction, access: PostAccess, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    """An event in the stream of the post, which the caller has locked."""
    await record_event(
        tx,
        stream=post_stream(access.post.id),
        type=type,
        data=data,
        audience=await audience_of(tx, access.forum),
        now=now,
    )


async def record_own_change(
    tx: Transaction, access: PostAccess, *, type: str, user_id: UUID, now: datetime
) -> None:
    """As `record_post_change`, with events that only this user gets."""
    data = await queries.own_post_payload(tx, id=access.post.id, reader=user_id)
    for stream in (forum_stream(access.forum.id), post_stream(access.post.id)):
        await record_own_event(tx, stream=stream, user_id=user_id, type=type, data=data, now=now)


async def post_payload(tx: Transaction, id: UUID) -> dict[str, Any]:
    """The payload of events about a post."""
    return {"post": await queries.post_payload(tx, id=id)}


async def post_json(tx: Transaction, access: PostAccess, *, caller: Caller) -> str:
    """A Post, as JSON, as it is now."""
    return await queries.post_json(
        tx, id=access.post.id, reader=caller.id, moderates=access.forum.moderates
    )


async def _insert(
    tx: Transaction,
    forum: ForumAccess,
    *,
    author: UUID,
    id: UUID,
    draft: PostDraft,
    rendered: Rendered,
    tags: Sequence[str],
    withheld: Withheld | None,
    now: datetime,
) -> None:
    """The post and its event, which only the author gets if the post is withheld."""
    await queries.insert_post(
        tx,
        id=id,
        forum_id=forum.id,
        author=author,
        draft=draft,
        rendered=rendered,
        broadcast=broadcast_in(forum, rendered),
        tags=tags,
        withheld=withheld,
        now=now,
    )
    if withheld is None:
        data = await post_payload(tx, id)
        await record_forum_event(tx, forum, type="post.created", data=data, now=now)
        return
    data = await queries.own_post_payload(tx, id=id, reader=author)
    await record_own_event(
        tx, stream=forum_stream(forum.id), user_id=author, type="post.created", data=data, now=now
    )


def _texts(draft: PostDraft) -> list[str]:
    """Every text of the post that readers see as it is written."""
    options = draft.poll.options if draft.poll else []
    return [draft.title, draft.url or "", *draft.tags, *options]


async def _created_before(
    tx: Transaction, caller: Caller, *, nonce: str | None, request_hash: bytes
) -> str | None:
    """The post that the same nonce created, as JSON. Raises NonceConflict."""
    if nonce is None:
        return None
    id = await nonces.created_id(tx, user_id=caller.id, nonce=nonce, request_hash=request_hash)
    if id is None:
        return None
    return await post_json(tx, await access_post(tx, id=id, caller=caller), caller=caller)
