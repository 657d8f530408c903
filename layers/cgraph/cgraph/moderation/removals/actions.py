"""Removals: a moderator hides a post or comment, and can restore it."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.events.streams import post_stream
from cgraph.forums.access import audience_of
from cgraph.forums.audit import actions as audit
from cgraph.forums.comments import actions as comments
from cgraph.forums.errors import CommentDeleted, CommentNotFound, PostDeleted, PostNotFound
from cgraph.forums.posts import actions as posts
from cgraph.moderation.errors import AlreadyRemoved, NotRemoved
from cgraph.moderation.removals import queries
from cgraph.moderation.removals.models import (
    ContentRemoved,
    ContentRestored,
    Removal,
    RemovalDraft,
)
from cgraph.moderation.targets.actions import (
    require_judge,
    require_not_deleted,
    select_target_for_update,
)
from cgraph.moderation.targets.models import TargetAccess, TargetKind
from cgraph.realtime.announcements import record_event
from cgraph.realtime.notices import notify_user


async def remove_post(tx: Transaction, *, caller: Caller, id: UUID, draft: RemovalDraft) -> Removal:
    """Raises PostNotFound, NotAllowed, OwnCase, HigherRank, PostDeleted, PostMoved,
    AlreadyRemoved.
    """
    access = await select_target_for_update(
        tx, kind=TargetKind.POST, id=id, caller=caller, not_found=PostNotFound
    )
    return await remove_target(tx, access, by=caller.id, reason=draft.reason)


async def restore_post(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises PostNotFound, NotAllowed, OwnCase, HigherRank, PostDeleted, PostMoved, NotRemoved."""
    access = await select_target_for_update(
        tx, kind=TargetKind.POST, id=id, caller=caller, not_found=PostNotFound
    )
    await _restore(tx, access, by=caller.id)


async def remove_comment(
    tx: Transaction, *, caller: Caller, id: UUID, draft: RemovalDraft
) -> Removal:
    """Raises CommentNotFound, NotAllowed, OwnCase, HigherRank, CommentDeleted, PostMoved,
    AlreadyRemoved.
    """
    access = await select_target_for_update(
        tx, kind=TargetKind.COMMENT, id=id, caller=caller, not_found=CommentNotFound
    )
    return await remove_target(tx, access, by=caller.id, reason=draft.reason)


async def restore_comment(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises CommentNotFound, NotAllowed, OwnCase, HigherRank, CommentDeleted, PostMoved,
    NotRemoved.
    """
    access = await select_target_for_update(
        tx, kind=TargetKind.COMMENT, id=id, caller=caller, not_found=CommentNotFound
    )
    await _restore(tx, access, by=caller.id)


async def _restore(tx: Transaction, access: TargetAccess, *, by: UUID) -> None:
    """Raises OwnCase, HigherRank, NotRemoved; PostDeleted, CommentDeleted where the author has
    deleted it meanwhile.
    """
    if access.target.deleted_at is not None:
        raise PostDeleted if access.target.kind is TargetKind.POST else CommentDeleted
    if not await restore_target(tx, access, by=by):
        raise NotRemoved


async def remove_target(
    tx: Transaction, access: TargetAccess, *, by: UUID, reason: str, with_ban: bool = False
) -> Removal:
    """Removes what `select_target_for_update` has locked. A removal that is in force already, for
    the same reason, is returned unchanged. `with_ban`: it is a part of the author's ban, which is
    all that the author is notified of.

    Raises OwnCase, HigherRank, AlreadyRemoved; PostDeleted, CommentDeleted where the author has
    deleted the target.
    """
    require_judge(access, judge=by)
    target, now = access.target, clock.now()
    in_force = await queries.removal_of(tx, target_id=target.id)
    if in_force is not None and target.removed_at is not None:
        if in_force.reason != reason:
            raise AlreadyRemoved
        return Removal(target=target.subject, reason=in_force.reason, removed_at=target.removed_at)
    require_not_deleted(target)
    await queries.record_removal(
        tx,
        id=ids.uuid7(now),
        target=target,
        forum_id=access.forum.id,
        by=by,
        reason=reason,
        with_ban=with_ban,
        now=now,
    )
    if target.kind is TargetKind.POST:
        await posts.remove_post(tx, access.post_access, now=now)
    else:
        await _record_comment_update(tx, access, now=now)
    await audit_target(tx, access, action="remove", by=by, detail={"reason": reason}, now=now)
    if not with_ban:
        payload = ContentRemoved(forum=access.forum.ref, target=target.subject, reason=reason)
        await notify_author(tx, access, type="moderation.removed", payload=payload, now=now)
    return Removal(target=target.subject, reason=reason, removed_at=now)


async def restore_target(
    tx: Transaction,
    access: TargetAccess,
    *,
    by: UUID,
    removal_id: UUID | None = None,
    with_ban: bool = False,
) -> bool:
    """Restores what `select_target_for_update` has locked. Returns False if it is not removed.

    `removal_id`: lifts this removal only, not a later one. `with_ban`: it is a part of lifting the
    author's ban, which is all that the author is notified of. Raises OwnCase, HigherRank.
    """
    require_judge(access, judge=by)
    target, now = access.target, clock.now()
    in_force = await queries.removal_of(tx, target_id=target.id)
    if in_force is None or removal_id not in (None, in_force.id):
        return False
    await queries.lift_removal(tx, target=target, now=now)
    if target.kind is TargetKind.POST:
        await posts.restore_post(tx, access.post_access, now=now)
    else:
        await _record_comment_update(tx, access, now=now)
    await audit_target(tx, access, action="restore", by=by, detail={}, now=now)
    if not with_ban:
        payload = ContentRestored(forum=access.forum.ref, target=target.subject)
        await notify_author(tx, access, type="moderation.restored", payload=payload, now=now)
    return True


async def _record_comment_update(tx: Transaction, access: TargetAccess, *, now: datetime) -> None:
    target = access.target
    if target.hidden:
        await comments.record_own_events(
            tx, id=target.id, post_id=target.post_id, type="comment.updated", now=now
        )
        return
    await record_event(
        tx,
        stream=post_stream(access.target.post_id),
        type="comment.updated",
        data={"comment": await queries.comment_payload(tx, id=access.target.id)},
        audience=await audience_of(tx, access.forum),
        now=now,
    )


async def audit_target(
    tx: Transaction,
    access: TargetAccess,
    *,
    action: str,
    by: UUID,
    detail: dict[str, str],
    now: datetime,
) -> None:
    await audit.record(
        tx,
        forum_id=access.forum.id,
        actor=by,
        action=f"{action}_{access.target.kind}",
        target=access.target.subject,
        detail=detail,
        now=now,
    )


async def notify_author(
    tx: Transaction, access: TargetAccess, *, type: str, payload: ContentRestored, now: datetime
) -> None:
    data = payload.model_dump(mode="json")
    await notify_user(tx, user_id=access.target.author_id, type=type, data=data, now=now)
