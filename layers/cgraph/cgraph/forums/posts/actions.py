"""Posts: creating, showing, editing, deleting, removing and restoring them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import NonceConflict, StaleVersion
from cgraph.core.markdown import Rendered, render
from cgraph.events import nonces
from cgraph.events.streams import forum_stream, post_stream
from cgraph.forums.access import (
    audience_of,
    broadcast_in,
    is_slug,
    require_access,
    require_posting,
    slow_mode_pause,
    slow_mode_refusal,
)
from cgraph.forums.events import record_forum_event
from cgraph.forums.filters.actions import (
    check_edit,
    check_filters,
    report_weight,
    withheld_by,
)
from cgraph.forums.models import WriteResult
from cgraph.forums.posts import queries
from cgraph.forums.posts.access import access_post, require_post
from cgraph.forums.posts.models import PostDraft, PostEdit
from cgraph.forums.posts.rows import PostAccess, PostingAccess, PostRow
from cgraph.forums.posts.rules import require_not_deleted, require_open, validated_tags
from cgraph.media.uploads.actions import remove_objects_of
from cgraph.media.urls import fill
from cgraph.media.uses.rules import REFUSALS, edited_attachments
from cgraph.realtime.announcements import announce_logged, record_event, record_own_event

_Texts = tuple[str, str, list[str], list[dict[str, Any]]]
"""Title, body, tags and attachments."""


async def create_post(
    tx: Transaction, *, caller: Caller, slug: str, draft: PostDraft
) -> WriteResult:
    """A Post. Raises ForumNotFound, NotAllowed, InvalidTags, Filtered, RateLimited (slow mode),
    UploadNotFound, UploadNotReady, NonceConflict.
    """
    rendered = render(draft.body)
    body = draft.model_dump(mode="json", exclude={"nonce"})
    while True:
        forum = await _access_for_posting(tx, caller=caller, slug=slug, nonce=draft.nonce)
        request_hash = nonces.request_hash(f"create_post {forum.id}", body)
        if forum.first_id is not None and forum.first_hash is not None:
            nonces.require_same_request(forum.first_hash, request_hash=request_hash)
            access = await access_post(tx, id=forum.first_id, caller=caller)
            return WriteResult(await post_json(tx, access, caller=caller), replayed=True)
        json = await _create(
            tx, forum, caller=caller, draft=draft, rendered=rendered, request_hash=request_hash
        )
        if json is not None:
            return WriteResult(json, replayed=False)


async def show_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A Post, as JSON, with the URLs of its attachments. Raises PostNotFound, NotAllowed."""
    row = await queries.post_view(tx, id=id, reader=caller.id)
    require_post(row, caller=caller, author_id=None)
    assert row is not None, "or it had been refused"
    return fill(row.json)


async def edit_post(tx: Transaction, *, caller: Caller, id: UUID, edit: PostEdit) -> WriteResult:
    """A Post. Raises PostNotFound, NotAllowed, PostDeleted, PostLocked, StaleVersion, InvalidTags,
    Filtered.
    """
    rendered = None if edit.body is None else render(edit.body)
    while True:
        access = await access_post(tx, id=id, caller=caller, with_filters=True)
        post = access.post
        require_not_deleted(post)
        changed = _edited(access, edit)
        is_same = changed == _texts_of(post)
        if is_same and post.version in (edit.version, edit.version + 1):
            return WriteResult(await post_json(tx, access, caller=caller), replayed=True)
        require_open(access)
        if post.version != edit.version:
            raise StaleVersion(f"The post is at version {post.version}")
        rendered = rendered or render(post.body)
        json = await _edit(tx, access, changed, caller=caller, rendered=rendered)
        if json is not None:
            return WriteResult(json, replayed=False)


async def delete_post(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Erases the post's content, also in logged events. Returns the tombstone: a Post, as JSON.

    Raises PostNotFound, NotAllowed.
    """
    while True:
        access = await access_post(tx, id=id, caller=caller)
        if access.post.deleted_at is not None:
            return await post_json(tx, access, caller=caller)
        now = clock.now()
        row = await queries.delete_post(tx, access=access, caller=caller.id, now=now)
        if row.result_json is not None:
            announce_logged(tx, row.logged or [], audience=row.audience, now=now)
            remove_objects_of(tx, [UUID(each["id"]) for each in access.post.attachments])
            return row.result_json


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


async def _access_for_posting(
    tx: Transaction, *, caller: Caller, slug: str, nonce: str | None
) -> PostingAccess:
    """Raises ForumNotFound, NotAllowed."""
    forum = None
    if is_slug(slug):
        forum = await queries.posting_access(tx, slug=slug, user_id=caller.id, nonce=nonce)
    require_access(forum, caller=caller)
    assert forum is not None, "or the policy had refused"
    return forum


async def _create(
    tx: Transaction,
    forum: PostingAccess,
    *,
    caller: Caller,
    draft: PostDraft,
    rendered: Rendered,
    request_hash: bytes,
) -> str | None:
    """The Post as JSON; None where the forum has changed since it was read. Raises NotAllowed,
    InvalidTags, Filtered, RateLimited, NonceConflict.
    """
    require_posting(forum)
    tags = validated_tags(draft.tags, forum=forum)
    links = [draft.url] if draft.url else []
    match = check_filters(forum, *_texts(draft), rendered=rendered, links=links)
    now = clock.now()
    try:
        row = await queries.create_post(
            tx,
            forum=forum,
            author=caller.id,
            draft=draft,
            rendered=rendered,
            broadcast=broadcast_in(forum, rendered),
            tags=tags,
            withheld=withheld_by(match, forum),
            pause=slow_mode_pause(forum),
            report_weight=report_weight(match),
            request_hash=request_hash,
            now=now,
        )
    except AlreadyExists:
        raise NonceConflict from None  # another request uses the nonce, elsewhere
    if row.refusal is not None and row.refusal in REFUSALS:
        raise REFUSALS[row.refusal]
    if row.last_write_at is not None:
        raise slow_mode_refusal(forum, last_write_at=row.last_write_at, now=now)
    announce_logged(tx, row.logged or [], audience=row.audience, now=now)
    return row.result_json


def _edited(access: PostAccess, edit: PostEdit) -> _Texts:
    """Title, body, tags and attachments after the edit. Raises InvalidTags, UploadNotFound."""
    post = access.post
    return (
        post.title if edit.title is None else edit.title,
        post.body if edit.body is None else edit.body,
        post.tags if edit.tags is None else validated_tags(edit.tags, forum=access.forum),
        edited_attachments(post.attachments, edit.attachments),
    )


def _texts_of(post: PostRow) -> _Texts:
    return post.title, post.body, post.tags, post.attachments


async def _edit(
    tx: Transaction,
    access: PostAccess,
    changed: _Texts,
    *,
    caller: Caller,
    rendered: Rendered,
) -> str | None:
    """The Post as JSON; None where it has changed since it was read. Raises Filtered."""
    title, body, tags, attachments = changed
    match = check_edit(access.forum, title, *tags, rendered=rendered, withheld=access.post.withheld)
    now = clock.now()
    row = await queries.edit_post(
        tx,
        access=access,
        title=title,
        body=body,
        rendered=rendered,
        broadcast=broadcast_in(access.forum, rendered),
        tags=tags,
        attachments=attachments,
        editor=caller.id,
        report_weight=report_weight(match),
        now=now,
    )
    announce_logged(tx, row.logged or [], audience=row.audience, now=now)
    return row.result_json


def _texts(draft: PostDraft) -> list[str]:
    """Every text of the post that readers see as it is written."""
    options = draft.poll.options if draft.poll else []
    return [draft.title, draft.url or "", *draft.tags, *options]
