"""Comments: creating, showing, editing, deleting and accepting them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import StaleVersion
from cgraph.core.markdown import Rendered, render
from cgraph.events import nonces
from cgraph.events.streams import post_stream
from cgraph.forums.access import broadcast_in, require_posting, require_slow_mode
from cgraph.forums.comments import queries
from cgraph.forums.comments.access import (
    access_comment,
    comment_under_post,
    select_comment_for_update,
)
from cgraph.forums.comments.models import (
    Comment,
    CommentAccess,
    CommentCreated,
    CommentDraft,
    CommentEdit,
    CreatedCommentRow,
    ParentReplyCount,
    PostCommentCount,
)
from cgraph.forums.comments.rules import require_not_deleted
from cgraph.forums.filters.actions import (
    check_edit,
    check_filters,
    file_filter_report,
    withheld_by,
)
from cgraph.forums.models import Withheld, WriteResult
from cgraph.forums.posts import actions as posts
from cgraph.forums.posts import rules as post_rules
from cgraph.forums.posts.access import select_post_for_update
from cgraph.forums.posts.rows import PostAccess
from cgraph.realtime.announcements import record_own_event


async def create_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, draft: CommentDraft
) -> WriteResult:
    """A Comment. Raises PostNotFound, NotAllowed, PostDeleted, PostLocked, CommentNotInPost,
    CommentDeleted, Filtered, RateLimited (slow mode), NonceConflict.
    """
    rendered = render(draft.body)  # before the lock, for which others wait
    access = await select_post_for_update(tx, id=post_id, caller=caller)
    body = {"post": str(post_id), **draft.model_dump(mode="json", exclude={"nonce"})}
    request_hash = nonces.request_hash("create_comment", body)
    if draft.nonce and (
        existing := await nonces.created_id(
            tx, user_id=caller.id, nonce=draft.nonce, request_hash=request_hash
        )
    ):
        json = await _comment_json(tx, access, caller=caller, id=existing)
        return WriteResult(json, replayed=True)
    require_posting(access.forum)
    post_rules.require_open(access)
    if draft.parent_id is not None:
        parent = await comment_under_post(tx, access, id=draft.parent_id, caller=caller)
        require_not_deleted(parent)
    match = await check_filters(tx, access.forum, rendered=rendered)
    await require_slow_mode(tx, access.forum, user_id=caller.id)
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
        access,
        caller=caller,
        draft=draft,
        id=id,
        rendered=rendered,
        withheld=withheld_by(match, access.forum),
        now=now,
    )
    if match is not None:
        await file_filter_report(tx, access.forum, kind="comment", id=id, now=now)
    return WriteResult(await _comment_json(tx, access, caller=caller, id=id), replayed=False)


async def show_comment(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A CommentInContext, as JSON. Raises CommentNotFound."""
    access = await access_comment(tx, id=id, caller=caller)
    row = await queries.comment_in_context(
        tx, id=id, reader=caller.id, role=access.post_access.forum.role
    )
    ancestors = row.ancestors if access.post_access.forum.reads else []
    return f'{row.json[:-1]},"ancestors":[{",".join(ancestors)}]}}'


async def edit_comment(
    tx: Transaction, *, caller: Caller, id: UUID, edit: CommentEdit
) -> WriteResult:
    """A Comment. Raises CommentNotFound, NotAllowed, PostDeleted, PostLocked,
    CommentDeleted, StaleVersion, Filtered.
    """
    rendered = render(edit.body)
    access = await select_comment_for_update(tx, id=id, caller=caller)
    comment, post_access = access.comment, access.post_access
    require_not_deleted(comment)
    replayed = (comment.version, comment.body) == (edit.version + 1, edit.body)
    if not replayed:
        post_rules.require_open(post_access)
        if comment.version != edit.version:
            raise StaleVersion(f"The comment is at version {comment.version}")
        is_suspect = await check_edit(
            tx, post_access.forum, rendered=rendered, withheld=comment.withheld
        )
        now = clock.now()
        payload = await queries.update_comment(
            tx,
            id=id,
            body=edit.body,
            rendered=rendered,
            broadcast=broadcast_in(post_access.forum, rendered),
            now=now,
        )
        if is_suspect:
            await file_filter_report(tx, post_access.forum, kind="comment", id=id, now=now)
        await _record_change(tx, access, type="comment.updated", payload=payload, now=now)
    json = await _comment_json(tx, post_access, caller=caller, id=id)
    return WriteResult(json, replayed=replayed)


async def delete_comment(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Erases the comment's text, also in logged events. Returns the tombstone: a Comment, as JSON.

    Raises CommentNotFound, NotAllowed, PostMoved.
    """
    access = await select_comment_for_update(tx, id=id, caller=caller, with_forum=True)
    if access.comment.deleted_at is None:
        now = clock.now()
        payload = await queries.delete_comment(tx, id=id, now=now)
        await queries.erase_text_in_events(tx, id=id)
        await _record_change(tx, access, type="comment.deleted", payload=payload, now=now)
        if access.post_access.post.accepted_comment_id == id:
            await _accept(tx, access.post_access, caller=caller, id=None, now=now)
    return await _comment_json(tx, access.post_access, caller=caller, id=id)


async def accept_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, comment_id: UUID | None
) -> str:
    """The Post, as JSON. `comment_id`: None withdraws the acceptance. Raises PostNotFound,
    NotAllowed, PostDeleted, PostMoved, CommentNotInPost, CommentDeleted.
    """
    access = await select_post_for_update(tx, id=post_id, caller=caller, with_forum=True)
    post_rules.require_not_deleted(access.post)
    comment = None
    if comment_id is not None:
        comment = await comment_under_post(tx, access, id=comment_id, caller=caller)
        require_not_deleted(comment)
    if access.post.accepted_comment_id != comment_id:
        is_hidden = comment is not None and comment.hidden
        now = clock.now()
        await _accept(tx, access, caller=caller, id=comment_id, now=now, is_hidden=is_hidden)
    return await posts.post_json(tx, access, caller=caller)


async def publish_comment(tx: Transaction, access: PostAccess, *, id: UUID, now: datetime) -> None:
    """Shows a withheld comment to all readers of its post. The caller has locked the post."""
    created = await queries.publish_comment(tx, id=id)
    if created.comment_count is not None:
        parent_id = created.payload["parent_id"]
        data = _created_payload(
            created, post_id=access.post.id, parent_id=UUID(parent_id) if parent_id else None
        )
        await posts.record_post_event(tx, access, type="comment.created", data=data, now=now)


async def _accept(
    tx: Transaction,
    access: PostAccess,
    *,
    caller: Caller,
    id: UUID | None,
    now: datetime,
    is_hidden: bool = False,
) -> None:
    """Other readers do not see that a hidden comment is accepted: for them only the acceptance of
    another one ends.
    """
    await queries.set_accepted_comment(tx, post_id=access.post.id, id=id)
    if is_hidden and access.post.accepted_comment_id is None:
        await posts.record_own_change(tx, access, type="post.updated", user_id=caller.id, now=now)
    else:
        await posts.record_post_change(tx, access, type="post.updated", now=now)


async def _record_change(
    tx: Transaction, access: CommentAccess, *, type: str, payload: dict[str, Any], now: datetime
) -> None:
    if access.comment.hidden:
        id, post_id = access.comment.id, access.comment.post_id
        await record_own_events(tx, id=id, post_id=post_id, type=type, now=now)
    else:
        data = {"comment": payload}
        await posts.record_post_event(tx, access.post_access, type=type, data=data, now=now)


async def record_own_events(
    tx: Transaction, *, id: UUID, post_id: UUID, type: str, now: datetime
) -> None:
    """Events of a hidden comment, for those who may see it and are no moderators. The caller has
    locked the stream of the post.
    """
    for row in await queries.own_events(tx, id=id):
        data = row.payload
        if type != "comment.created":
            data = {"comment": data["comment"]}
        await record_own_event(
            tx, stream=post_stream(post_id), user_id=row.user_id, type=type, data=data, now=now
        )


async def _insert(
    tx: Transaction,
    access: PostAccess,
    *,
    caller: Caller,
    draft: CommentDraft,
    id: UUID,
    rendered: Rendered,
    withheld: Withheld | None,
    now: datetime,
) -> None:
    created = await queries.insert_comment(
        tx,
        id=id,
        post_id=access.post.id,
        parent_id=draft.parent_id,
        author=caller.id,
        body=draft.body,
        rendered=rendered,
        broadcast=broadcast_in(access.forum, rendered),
        withheld=withheld,
        now=now,
    )
    if created.comment_count is not None:
        data = _created_payload(created, post_id=access.post.id, parent_id=draft.parent_id)
        await posts.record_post_event(tx, access, type="comment.created", data=data, now=now)
    else:
        post_id = access.post.id
        await record_own_events(tx, id=id, post_id=post_id, type="comment.created", now=now)


def _created_payload(
    created: CreatedCommentRow, *, post_id: UUID, parent_id: UUID | None
) -> dict[str, Any]:
    assert created.comment_count is not None, "the comment is not hidden"
    parent = None
    if parent_id is not None and created.reply_count is not None:
        parent = ParentReplyCount(id=parent_id, reply_count=created.reply_count)
    return CommentCreated(
        comment=Comment.model_validate(created.payload),
        parent=parent,
        post=PostCommentCount(id=post_id, comment_count=created.comment_count),
    ).model_dump(mode="json")


async def _comment_json(tx: Transaction, access: PostAccess, *, caller: Caller, id: UUID) -> str:
    return await queries.comment_json(tx, id=id, reader=caller.id, moderates=access.forum.moderates)
