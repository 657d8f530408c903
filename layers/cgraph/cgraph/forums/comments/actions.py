"""Comments: creating, showing, editing, deleting and accepting them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import NonceConflict, StaleVersion
from cgraph.core.markdown import Rendered, render
from cgraph.events import nonces
from cgraph.events.streams import post_stream
from cgraph.forums.access import (
    broadcast_in,
    require_posting,
    slow_mode_pause,
    slow_mode_refusal,
)
from cgraph.forums.comments import queries
from cgraph.forums.comments.access import (
    access_comment,
    comment_under_post,
    require_comment,
)
from cgraph.forums.comments.models import (
    Comment,
    CommentAccess,
    CommentCreated,
    CommentDraft,
    CommentEdit,
    CommentingAccessRow,
    CreatedCommentRow,
    ParentReplyCount,
    PostCommentCount,
)
from cgraph.forums.comments.rules import edited, require_not_deleted
from cgraph.forums.errors import CommentDeleted, CommentNotInPost
from cgraph.forums.filters.actions import (
    check_edit,
    check_filters,
    report_weight,
    withheld_by,
)
from cgraph.forums.models import WriteResult
from cgraph.forums.posts import actions as posts
from cgraph.forums.posts import rules as post_rules
from cgraph.forums.posts.access import require_post, select_post_for_update
from cgraph.forums.posts.rows import PostAccess
from cgraph.media.uploads.actions import remove_objects_of
from cgraph.media.urls import fill
from cgraph.media.uses.rules import REFUSALS, require_text
from cgraph.realtime.announcements import announce_logged, record_own_event


async def create_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, draft: CommentDraft
) -> WriteResult:
    """A Comment. Raises ValidationFailed, PostNotFound, NotAllowed, PostDeleted, PostLocked,
    CommentNotInPost, CommentDeleted, Filtered, RateLimited (slow mode), UploadNotFound,
    UploadNotReady, NonceConflict.
    """
    require_text(draft.body, draft.attachments, field="body")
    rendered = render(draft.body)
    body = {"post": str(post_id), **draft.model_dump(mode="json", exclude={"nonce"})}
    request_hash = nonces.request_hash("create_comment", body)
    while True:
        row = await queries.commenting_access(tx, post_id=post_id, reader=caller.id, draft=draft)
        access = require_post(row, caller=caller, author_id=None)
        assert row is not None, "or it had been refused"
        if row.first_id is not None and row.first_hash is not None:
            nonces.require_same_request(row.first_hash, request_hash=request_hash)
            first = await _comment_json(tx, access, caller=caller, id=row.first_id)
            return WriteResult(first, replayed=True)
        _require_commenting(row, access, draft=draft)
        json = await _create(
            tx, row, access, caller=caller, draft=draft, rendered=rendered, hash=request_hash
        )
        if json is not None:
            return WriteResult(json, replayed=False)


async def show_comment(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A CommentInContext, as JSON. Raises CommentNotFound."""
    row = await queries.comment_view(tx, id=id, reader=caller.id)
    access = require_comment(row, caller=caller)
    assert row is not None, "or it had been refused"
    ancestors = row.ancestors if access.post_access.forum.reads else []
    return fill(f'{row.json[:-1]},"ancestors":[{",".join(ancestors)}]}}')


async def edit_comment(
    tx: Transaction, *, caller: Caller, id: UUID, edit: CommentEdit
) -> WriteResult:
    """A Comment. Raises ValidationFailed, CommentNotFound, NotAllowed, PostDeleted, PostLocked,
    CommentDeleted, StaleVersion, Filtered, UploadNotFound.
    """
    rendered = None if edit.body is None else render(edit.body)
    while True:
        access = await access_comment(tx, id=id, caller=caller, with_filters=True)
        comment = access.comment
        require_not_deleted(comment)
        changed = edited(comment, edit)
        is_same = changed == (comment.body, comment.attachments)
        if is_same and comment.version in (edit.version, edit.version + 1):
            same = await _comment_json(tx, access.post_access, caller=caller, id=id)
            return WriteResult(same, replayed=True)
        post_rules.require_open(access.post_access)
        if comment.version != edit.version:
            raise StaleVersion(f"The comment is at version {comment.version}")
        rendered = rendered or render(comment.body)
        json = await _edit(tx, access, changed, caller=caller, rendered=rendered)
        if json is not None:
            return WriteResult(json, replayed=False)


async def delete_comment(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Erases the comment's content, also in logged events. Returns the tombstone: a Comment, as
    JSON.

    Raises CommentNotFound, NotAllowed.
    """
    while True:
        access = await access_comment(tx, id=id, caller=caller)
        if access.comment.deleted_at is not None:
            return await _comment_json(tx, access.post_access, caller=caller, id=id)
        now = clock.now()
        row = await queries.delete_comment(tx, access=access, caller=caller.id, now=now)
        if row.result_json is not None:
            announce_logged(tx, row.logged or [], audience=row.audience, now=now)
            remove_objects_of(tx, [UUID(each["id"]) for each in access.comment.attachments])
            return row.result_json


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


def _require_commenting(
    row: CommentingAccessRow, access: PostAccess, *, draft: CommentDraft
) -> None:
    """Raises NotAllowed, PostDeleted, PostLocked, CommentNotInPost, CommentDeleted."""
    require_posting(access.forum)
    post_rules.require_open(access)
    if draft.parent_id is not None:
        if row.parent_post_id != access.post.id:
            raise CommentNotInPost
        if row.parent_gone_at is not None:
            raise CommentDeleted


async def _create(
    tx: Transaction,
    row: CommentingAccessRow,
    access: PostAccess,
    *,
    caller: Caller,
    draft: CommentDraft,
    rendered: Rendered,
    hash: bytes,
) -> str | None:
    """The Comment as JSON; None where the post has changed since it was read. Raises Filtered,
    RateLimited, UploadNotFound, UploadNotReady, NonceConflict.
    """
    match = check_filters(access.forum, rendered=rendered)
    now = clock.now()
    try:
        created = await queries.create_comment(
            tx,
            access=row,
            author=caller.id,
            draft=draft,
            rendered=rendered,
            broadcast=broadcast_in(access.forum, rendered),
            withheld=withheld_by(match, access.forum),
            pause=slow_mode_pause(access.forum),
            report_weight=report_weight(match),
            request_hash=hash,
            now=now,
        )
    except AlreadyExists:
        raise NonceConflict from None  # another request uses the nonce, elsewhere
    if created.refusal is not None and created.refusal in REFUSALS:
        raise REFUSALS[created.refusal]
    if created.last_write_at is not None:
        raise slow_mode_refusal(access.forum, last_write_at=created.last_write_at, now=now)
    announce_logged(tx, created.logged or [], audience=created.audience, now=now)
    return created.result_json


async def _edit(
    tx: Transaction,
    access: CommentAccess,
    changed: tuple[str, list[dict[str, Any]]],
    *,
    caller: Caller,
    rendered: Rendered,
) -> str | None:
    """The Comment as JSON; None where it has changed since it was read. Raises Filtered."""
    body, attachments = changed
    forum = access.post_access.forum
    match = check_edit(forum, rendered=rendered, withheld=access.comment.withheld)
    now = clock.now()
    row = await queries.edit_comment(
        tx,
        access=access,
        editor=caller.id,
        body=body,
        rendered=rendered,
        broadcast=broadcast_in(forum, rendered),
        attachments=attachments,
        report_weight=report_weight(match),
        now=now,
    )
    announce_logged(tx, row.logged or [], audience=row.audience, now=now)
    return row.result_json


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
