"""Removals: a moderator takes a post or comment out of sight, and may show it again."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.events.streams import post_stream, user_stream
from cgraph.forums.access import audience_of
from cgraph.forums.audit import actions as audit
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.forums.posts import actions as posts
from cgraph.moderation.removals import queries
from cgraph.moderation.removals.models import Removal, RemovalDraft, Removed, Restored
from cgraph.moderation.targets.actions import lock_target, require_there
from cgraph.moderation.targets.models import ForumName, TargetAccess, TargetKind
from cgraph.realtime.announcements import record_event


async def remove_post(tx: Transaction, *, caller: Caller, id: UUID, draft: RemovalDraft) -> Removal:
    """Raises PostNotFound, NotAllowed, PostDeleted, PostMoved."""
    aim = await lock_target(tx, kind=TargetKind.POST, id=id, caller=caller, not_found=PostNotFound)
    return await remove(tx, aim, by=caller.id, reason=draft.reason)


async def restore_post(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises PostNotFound, NotAllowed, PostMoved."""
    aim = await lock_target(tx, kind=TargetKind.POST, id=id, caller=caller, not_found=PostNotFound)
    await restore(tx, aim, by=caller.id)


async def remove_comment(
    tx: Transaction, *, caller: Caller, id: UUID, draft: RemovalDraft
) -> Removal:
    """Raises CommentNotFound, NotAllowed, CommentDeleted, PostMoved."""
    aim = await lock_target(
        tx, kind=TargetKind.COMMENT, id=id, caller=caller, not_found=CommentNotFound
    )
    return await remove(tx, aim, by=caller.id, reason=draft.reason)


async def restore_comment(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises CommentNotFound, NotAllowed, PostMoved."""
    aim = await lock_target(
        tx, kind=TargetKind.COMMENT, id=id, caller=caller, not_found=CommentNotFound
    )
    await restore(tx, aim, by=caller.id)


async def remove(tx: Transaction, aim: TargetAccess, *, by: UUID, reason: str) -> Removal:
    """Under the locks of `lock_target`. Removed already, it stays as it was. Raises PostDeleted,
    CommentDeleted where the author has deleted it.
    """
    thing, place, now = aim.thing, aim.place, clock.now()
    before = await queries.removal_of(tx, target=thing.id)
    if before is not None and thing.removed_at is not None:
        return Removal(target=thing.subject, reason=before.reason, removed_at=thing.removed_at)
    require_there(thing)
    await queries.enter(
        tx,
        id=ids.uuid7(now),
        thing=thing,
        forum_id=place.id,
        by=by,
        reason=reason,
        now=now,
    )
    if thing.kind is TargetKind.POST:
        await posts.remove_post(tx, aim.around, now=now)
    else:
        await _tell_of_comment(tx, aim, now=now)
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action=f"remove_{thing.kind}",
        target=thing.subject,
        detail={"reason": reason},
        now=now,
    )
    told = Removed(forum=_forum(aim), target=thing.subject, reason=reason)
    await _tell(tx, aim, type="moderation.removed", told=told, now=now)
    return Removal(target=thing.subject, reason=reason, removed_at=now)


async def restore(
    tx: Transaction, aim: TargetAccess, *, by: UUID, only: UUID | None = None
) -> None:
    """Under the locks of `lock_target`; what is not removed needs no restoring. `only`: from this
    removal, not from one that came after it.
    """
    thing, now = aim.thing, clock.now()
    found = await queries.removal_of(tx, target=thing.id)
    if found is None or only not in (None, found.id):
        return
    await queries.lift(tx, thing=thing, now=now)
    if thing.kind is TargetKind.POST:
        await posts.restore_post(tx, aim.around, now=now)
    else:
        await _tell_of_comment(tx, aim, now=now)
    await audit.record(
        tx,
        forum_id=aim.place.id,
        actor=by,
        action=f"restore_{thing.kind}",
        target=thing.subject,
        now=now,
    )
    told = Restored(forum=_forum(aim), target=thing.subject)
    await _tell(tx, aim, type="moderation.restored", told=told, now=now)


async def _tell_of_comment(tx: Transaction, aim: TargetAccess, *, now: datetime) -> None:
    """Those who look at it; of the shadowed nobody is told."""
    if aim.thing.shadowed:
        return
    await record_event(
        tx,
        stream=post_stream(aim.thing.post_id),
        type="comment.updated",
        data={"comment": await queries.comment_told(tx, id=aim.thing.id)},
        audience=await audience_of(tx, aim.place),
        now=now,
    )


async def _tell(
    tx: Transaction, aim: TargetAccess, *, type: str, told: Restored, now: datetime
) -> None:
    """Whoever wrote it, on their own stream: the last of all locks."""
    author = aim.thing.author_id
    await record_event(
        tx,
        stream=user_stream(author),
        type=type,
        data=told.model_dump(mode="json"),
        audience=[author],
        now=now,
    )


def _forum(aim: TargetAccess) -> ForumName:
    return ForumName(id=aim.place.id, slug=aim.place.slug)
