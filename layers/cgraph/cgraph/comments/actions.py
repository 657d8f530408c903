"""Comments: a tree under a post, read in pages; edited and deleted where they stand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph import ids, nonces, policies
from cgraph.auth.caller import Caller
from cgraph.comments import queries
from cgraph.comments.models import (
    Comment,
    CommentCreated,
    CommentDraft,
    Commented,
    CommentEdit,
    CommentInContext,
    CommentRow,
    CommentsOf,
    Created,
    Found,
    RepliesOf,
    Sort,
)
from cgraph.comments.rules import beginning, position_of, require_there
from cgraph.database import AlreadyExists, Transaction
from cgraph.errors import (
    CommentNotFound,
    CursorExpired,
    NonceConflict,
    PostNotFound,
    StaleVersion,
    UnknownComment,
)
from cgraph.events import post_stream, record
from cgraph.forums.actions import audience_of, require_pace, require_posting
from cgraph.forums.models import Place
from cgraph.markdown import render
from cgraph.policies import Standing
from cgraph.posts.actions import access_post, lock_post
from cgraph.posts.models import Found as FoundPost
from cgraph.posts.rules import require_open


async def create_comment(
    tx: Transaction, *, caller: Caller, post_id: UUID, draft: CommentDraft
) -> Commented:
    """Raises PostNotFound, NotAllowed, PostDeleted, PostLocked, UnknownComment, CommentDeleted,
    RateLimited, NonceConflict.
    """
    around = await lock_post(tx, id=post_id, caller=caller)
    what = {"post": str(post_id), **draft.model_dump(mode="json", exclude={"nonce"})}
    asked = nonces.body_hash("create_comment", what)
    if draft.nonce and (made := await _made_before(tx, caller, nonce=draft.nonce, asked=asked)):
        return Commented(await _shown(tx, caller=caller, id=made, around=around), replayed=True)
    require_posting(around.place)
    require_open(around.post)
    if draft.parent_id is not None:
        parent = await comment_under(tx, around, id=draft.parent_id, caller=caller)
        require_there(parent)
    await require_pace(tx, around.place, user_id=caller.id)
    now = ids.now()
    id = ids.uuid7(now)
    if draft.nonce:
        await _spend(tx, caller, nonce=draft.nonce, asked=asked, made=id, now=now)
    await _write(tx, caller=caller, around=around, draft=draft, id=id, now=now)
    return Commented(await _shown(tx, caller=caller, id=id, around=around), replayed=False)


async def access_comment(tx: Transaction, *, id: UUID, caller: Caller) -> Found:
    """Deleted and removed ones too. Raises CommentNotFound, NotAllowed."""
    comment = await queries.comment_row(tx, id=id)
    if comment is None:
        raise CommentNotFound
    around = await access_post(
        tx, id=comment.post_id, caller=caller, author=comment.author_id, hidden=CommentNotFound
    )
    if not _sees(comment, caller=caller, place=around.place):
        raise CommentNotFound
    return Found(comment, around)


async def lock_comment(tx: Transaction, *, id: UUID, caller: Caller) -> Found:
    """`access_comment` for whoever changes it: first in a transaction, and until its end nothing
    else under the post changes. Raises CommentNotFound, NotAllowed.
    """
    comment = await queries.comment_row(tx, id=id)
    if comment is None:
        raise CommentNotFound
    await lock_post(
        tx, id=comment.post_id, caller=caller, author=comment.author_id, hidden=CommentNotFound
    )
    return await access_comment(tx, id=id, caller=caller)


async def comment_under(
    tx: Transaction, around: FoundPost, *, id: UUID, caller: Caller
) -> CommentRow:
    """Of that post, named in a body. Raises UnknownComment."""
    found = await queries.comment_row(tx, id=id)
    if found is None or found.post_id != around.post.id:
        raise UnknownComment
    if not _sees(found, caller=caller, place=around.place):
        raise UnknownComment
    return found


async def read_comments(
    tx: Transaction,
    *,
    caller: Caller,
    post_id: UUID,
    parent: UUID | None,
    sort: Sort,
    cursor: str | None,
    limit: int,
) -> str:
    """A CommentLevel, as JSON: the comments under the post or under `parent`, each with some of its
    replies. Raises PostNotFound, CommentNotFound, InvalidCursor, CursorExpired.
    """
    under = parent or post_id
    after = beginning(sort) if cursor is None else position_of(cursor, under=under, sort=sort)
    page = await queries.tree(
        tx, post_id=post_id, parent=parent, reader=caller.id, sort=sort, after=after, limit=limit
    )
    standing = Standing(page.role) if page.role else None
    policies.require(caller.policy, standing, hidden=PostNotFound)
    if page.expired:
        raise CursorExpired
    if page.shown is None:
        raise CommentNotFound
    return page.shown


async def show_comment(tx: Transaction, *, caller: Caller, id: UUID) -> CommentInContext:
    """Raises CommentNotFound."""
    found = await access_comment(tx, id=id, caller=caller)
    shown = await queries.show(tx, id=id, reader=caller.id, role=found.around.place.role)
    return CommentInContext.model_validate({**shown.comment, "ancestors": shown.ancestors})


async def edit_comment(
    tx: Transaction, *, caller: Caller, id: UUID, edit: CommentEdit
) -> Commented:
    """Raises CommentNotFound, NotAllowed, PostDeleted, PostLocked, CommentDeleted, StaleVersion."""
    found = await lock_comment(tx, id=id, caller=caller)
    comment, around = found.comment, found.around
    require_there(comment)
    replayed = (comment.version, comment.body) == (edit.version + 1, edit.body)
    if not replayed:
        require_open(around.post)
        if comment.version != edit.version:
            raise StaleVersion(f"The comment is at version {comment.version}")
        now = ids.now()
        html = render(edit.body)
        told = await queries.edit(tx, id=id, body=edit.body, body_html=html, now=now)
        await record_change(tx, found, type="comment.updated", data={"comment": told}, now=now)
    return Commented(await _shown(tx, caller=caller, id=id, around=around), replayed=replayed)


async def delete_comment(tx: Transaction, *, caller: Caller, id: UUID) -> Comment:
    """The tombstone: its place and its replies stay, its text goes, out of the log too. Raises
    CommentNotFound, NotAllowed.
    """
    found = await lock_comment(tx, id=id, caller=caller)
    if found.comment.deleted_at is None:
        now = ids.now()
        told = await queries.delete(tx, id=id, now=now)
        await queries.forget_text(tx, id=id)
        await record_change(tx, found, type="comment.deleted", data={"comment": told}, now=now)
    return await _shown(tx, caller=caller, id=id, around=found.around)


async def record_change(
    tx: Transaction, found: Found, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    """Of what only its author and the moderators see, nothing is told."""
    if not found.comment.shadowed:
        await _tell(tx, found.around, type=type, data=data, now=now)


async def _tell(
    tx: Transaction, around: FoundPost, *, type: str, data: dict[str, Any], now: datetime
) -> None:
    await record(
        tx,
        stream=post_stream(around.post.id),
        type=type,
        data=data,
        audience=await audience_of(tx, around.place),
        now=now,
    )


async def _write(
    tx: Transaction,
    *,
    caller: Caller,
    around: FoundPost,
    draft: CommentDraft,
    id: UUID,
    now: datetime,
) -> None:
    created = await queries.write_comment(
        tx,
        id=id,
        post_id=around.post.id,
        parent_id=draft.parent_id,
        author=caller.id,
        body=draft.body,
        body_html=render(draft.body),
        shadowed=around.place.shadowed,
        now=now,
    )
    if created.comments is not None:
        data = _created(created, around=around, parent_id=draft.parent_id)
        await _tell(tx, around, type="comment.created", data=data, now=now)


def _created(created: Created, *, around: FoundPost, parent_id: UUID | None) -> dict[str, Any]:
    assert created.comments is not None, "it is not shadowed"
    parent = None
    if parent_id is not None and created.replies is not None:
        parent = RepliesOf(id=parent_id, reply_count=created.replies)
    return CommentCreated(
        comment=Comment.model_validate(created.told),
        parent=parent,
        post=CommentsOf(id=around.post.id, comment_count=created.comments),
    ).model_dump(mode="json")


async def _made_before(tx: Transaction, caller: Caller, *, nonce: str, asked: bytes) -> UUID | None:
    """Raises NonceConflict."""
    made = await nonces.made_with(tx, user_id=caller.id, nonce=nonce)
    return nonces.require_same(made, asked=asked) if made else None


async def _spend(
    tx: Transaction, caller: Caller, *, nonce: str, asked: bytes, made: UUID, now: datetime
) -> None:
    """Under the post's lock: who spends the same one at this moment writes elsewhere. Raises
    NonceConflict.
    """
    try:
        await nonces.spend(tx, user_id=caller.id, nonce=nonce, body_hash=asked, made=made, now=now)
    except AlreadyExists:
        raise NonceConflict from None


def _sees(comment: CommentRow, *, caller: Caller, place: Place) -> bool:
    return not comment.shadowed or comment.author_id == caller.id or place.moderates


async def _shown(tx: Transaction, *, caller: Caller, id: UUID, around: FoundPost) -> Comment:
    shown = await queries.show(tx, id=id, reader=caller.id, role=around.place.role)
    return Comment.model_validate(shown.comment)
