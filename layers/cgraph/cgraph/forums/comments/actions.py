"""Comments: a tree under a post, read in pages; edited and deleted where they stand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import StaleVersion
from cgraph.core.markdown import render
from cgraph.events import nonces
from cgraph.forums.access import require_posting, require_slow_mode
from cgraph.forums.comments import queries
from cgraph.forums.comments.models import (
    Comment,
    CommentAccess,
    CommentCreated,
    CommentDraft,
    Commented,
    CommentEdit,
    CommentInContext,
    CommentRow,
    CommentsOf,
    Created,
    RepliesOf,
)
from cgraph.forums.comments.rules import require_there
from cgraph.forums.errors import CommentNotFound, CommentNotInPost
from cgraph.forums.filters import actions as filters
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts import rules as posts
from cgraph.forums.posts.actions import access_post, as_shown, select_post_for_update, tell_post
from cgraph.forums.posts.actions import tell as tell_of_post
from cgraph.forums.posts.models import PostAccess as FoundPost


async def create_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, draft: CommentDraft
) -> Commented:
    """Raises PostNotFound, NotAllowed, PostDeleted, PostLocked, UnknownComment, CommentDeleted,
    Filtered, RateLimited, NonceConflict.
    """
    html = render(draft.body)  # before others wait for it
    around = await select_post_for_update(tx, id=post_id, caller=caller)
    what = {"post": str(post_id), **draft.model_dump(mode="json", exclude={"nonce"})}
    asked = nonces.request_hash("create_comment", what)
    if draft.nonce and (
        first_id := await nonces.created_id(
            tx, user_id=caller.id, nonce=draft.nonce, request_hash=asked
        )
    ):
        return Commented(await _shown(tx, caller=caller, id=first_id, around=around), replayed=True)
    require_posting(around.place)
    posts.require_open(around.post)
    if draft.parent_id is not None:
        parent = await comment_under(tx, around, id=draft.parent_id, caller=caller)
        require_there(parent)
    is_suspect = await filters.check(tx, around.place, draft.body)
    await require_slow_mode(tx, around.place, user_id=caller.id)
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
    await _write(tx, caller=caller, around=around, draft=draft, id=id, html=html, now=now)
    if is_suspect:
        await filters.report(tx, around.place, kind="comment", id=id, now=now)
    return Commented(await _shown(tx, caller=caller, id=id, around=around), replayed=False)


async def access_comment(tx: Transaction, *, id: UUID, caller: Caller) -> CommentAccess:
    """Deleted and removed ones too. Raises CommentNotFound, NotAllowed."""
    comment = await queries.comment_row(tx, id=id)
    if comment is None:
        raise CommentNotFound
    around = await access_post(
        tx, id=comment.post_id, caller=caller, author=comment.author_id, not_found=CommentNotFound
    )
    if not _sees(comment, caller=caller, place=around.place):
        raise CommentNotFound
    return CommentAccess(comment, around)


async def select_comment_for_update(
    tx: Transaction, *, id: UUID, caller: Caller, with_forum: bool = False
) -> CommentAccess:
    """`access_comment` for whoever changes it: first in a transaction, and until its end nothing
    else under the post changes. `with_forum`: as in lock_post. Raises CommentNotFound, NotAllowed,
    PostMoved.
    """
    comment = await queries.comment_row(tx, id=id)
    if comment is None:
        raise CommentNotFound
    await select_post_for_update(
        tx,
        id=comment.post_id,
        caller=caller,
        author=comment.author_id,
        not_found=CommentNotFound,
        with_forum=with_forum,
    )
    return await access_comment(tx, id=id, caller=caller)


async def comment_under(
    tx: Transaction, around: FoundPost, *, id: UUID, caller: Caller
) -> CommentRow:
    """Of that post, named in a body. Raises UnknownComment."""
    found = await queries.comment_row(tx, id=id)
    if found is None or found.post_id != around.post.id:
        raise CommentNotInPost
    if not _sees(found, caller=caller, place=around.place):
        raise CommentNotInPost
    return found


async def show_comment(tx: Transaction, *, caller: Caller, id: UUID) -> CommentInContext:
    """Raises CommentNotFound."""
    found = await access_comment(tx, id=id, caller=caller)
    shown = await queries.show(tx, id=id, reader=caller.id, role=found.around.place.role)
    return CommentInContext.model_validate({**shown.comment, "ancestors": shown.ancestors})


async def edit_comment(
    tx: Transaction, *, caller: Caller, id: UUID, edit: CommentEdit
) -> Commented:
    """Raises CommentNotFound, NotAllowed, PostDeleted, PostLocked, CommentDeleted, StaleVersion,
    Filtered.
    """
    html = render(edit.body)
    found = await select_comment_for_update(tx, id=id, caller=caller)
    comment, around = found.comment, found.around
    require_there(comment)
    replayed = (comment.version, comment.body) == (edit.version + 1, edit.body)
    if not replayed:
        posts.require_open(around.post)
        if comment.version != edit.version:
            raise StaleVersion(f"The comment is at version {comment.version}")
        is_suspect, now = await filters.check(tx, around.place, edit.body), clock.now()
        told = await queries.edit(tx, id=id, body=edit.body, body_html=html, now=now)
        if is_suspect:
            await filters.report(tx, around.place, kind="comment", id=id, now=now)
        await record_change(tx, found, type="comment.updated", data={"comment": told}, now=now)
    return Commented(await _shown(tx, caller=caller, id=id, around=around), replayed=replayed)


async def delete_comment(tx: Transaction, *, caller: Caller, id: UUID) -> Comment:
    """The tombstone: its place and its replies stay, its text goes, out of the log too. Raises
    CommentNotFound, NotAllowed, PostMoved.
    """
    found = await select_comment_for_update(tx, id=id, caller=caller, with_forum=True)
    if found.comment.deleted_at is None:
        now = clock.now()
        told = await queries.delete(tx, id=id, now=now)
        await queries.forget_text(tx, id=id)
        await record_change(tx, found, type="comment.deleted", data={"comment": told}, now=now)
        if found.around.post.accepted_comment_id == id:
            await _accept(tx, found.around, id=None, now=now)
    return await _shown(tx, caller=caller, id=id, around=found.around)


async def accept_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, comment_id: UUID | None
) -> str:
    """The Post, as JSON; None: no comment is its answer. Raises PostNotFound, NotAllowed,
    PostDeleted, PostMoved, UnknownComment, CommentDeleted.
    """
    around = await select_post_for_update(tx, id=post_id, caller=caller, with_forum=True)
    posts.require_there(around.post)
    if comment_id is not None:
        comment = await comment_under(tx, around, id=comment_id, caller=caller)
        require_there(comment)
        if comment.shadowed:
            raise CommentNotInPost
    if around.post.accepted_comment_id != comment_id:
        await _accept(tx, around, id=comment_id, now=clock.now())
    return await as_shown(tx, around, caller=caller)


async def _accept(tx: Transaction, around: FoundPost, *, id: UUID | None, now: datetime) -> None:
    await queries.accept(tx, post_id=around.post.id, id=id)
    await tell_of_post(tx, around, type="post.updated", now=now)


async def record_change(
    tx: Transaction, found: CommentAccess, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    """Of what only its author and the moderators see, nothing is told."""
    if not found.comment.shadowed:
        await tell_post(tx, found.around, type=type, data=data, now=now)


async def _write(
    tx: Transaction,
    *,
    caller: Caller,
    around: FoundPost,
    draft: CommentDraft,
    id: UUID,
    html: str,
    now: datetime,
) -> None:
    created = await queries.write_comment(
        tx,
        id=id,
        post_id=around.post.id,
        parent_id=draft.parent_id,
        author=caller.id,
        body=draft.body,
        body_html=html,
        shadowed=around.place.shadowed,
        now=now,
    )
    if created.comment_count is not None:
        data = _created(created, around=around, parent_id=draft.parent_id)
        await tell_post(tx, around, type="comment.created", data=data, now=now)


def _created(created: Created, *, around: FoundPost, parent_id: UUID | None) -> dict[str, Any]:
    assert created.comment_count is not None, "it is not shadowed"
    parent = None
    if parent_id is not None and created.reply_count is not None:
        parent = RepliesOf(id=parent_id, reply_count=created.reply_count)
    return CommentCreated(
        comment=Comment.model_validate(created.comment),
        parent=parent,
        post=CommentsOf(id=around.post.id, comment_count=created.comment_count),
    ).model_dump(mode="json")


def _sees(comment: CommentRow, *, caller: Caller, place: ForumAccess) -> bool:
    return not comment.shadowed or comment.author_id == caller.id or place.moderates


async def _shown(tx: Transaction, *, caller: Caller, id: UUID, around: FoundPost) -> Comment:
    shown = await queries.show(tx, id=id, reader=caller.id, role=around.place.role)
    return Comment.model_validate(shown.comment)
