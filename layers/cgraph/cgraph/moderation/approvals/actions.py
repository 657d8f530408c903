"""Approvals: a moderator shows a withheld post or comment to all readers of its forum.

To reject what waits for approval, a moderator removes it.
"""

from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.comments import actions as comments
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.forums.models import Withheld
from cgraph.forums.posts import actions as posts
from cgraph.moderation.approvals import queries
from cgraph.moderation.errors import NotWithheld
from cgraph.moderation.removals.actions import audit_target, notify_author
from cgraph.moderation.removals.models import ContentRestored
from cgraph.moderation.targets.actions import (
    require_judge,
    require_not_deleted,
    select_target_for_update,
)
from cgraph.moderation.targets.models import TargetAccess, TargetKind


async def approve_post(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises PostNotFound, NotAllowed, OwnCase, HigherRank, PostDeleted, PostMoved, NotWithheld."""
    access = await select_target_for_update(
        tx, kind=TargetKind.POST, id=id, caller=caller, not_found=PostNotFound
    )
    await approve_target(tx, access, by=caller.id)


async def approve_comment(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises CommentNotFound, NotAllowed, OwnCase, HigherRank, CommentDeleted, PostMoved,
    NotWithheld.
    """
    access = await select_target_for_update(
        tx, kind=TargetKind.COMMENT, id=id, caller=caller, not_found=CommentNotFound
    )
    await approve_target(tx, access, by=caller.id)


async def approve_target(tx: Transaction, access: TargetAccess, *, by: UUID) -> None:
    """Publishes what `select_target_for_update` has locked, and resolves its open case.

    The author is notified, except after a shadow ban, of which they do not know. Raises OwnCase,
    HigherRank, NotWithheld; PostDeleted, CommentDeleted also of a removed target.
    """
    require_judge(access, judge=by)
    target, now = access.target, clock.now()
    require_not_deleted(target)
    if target.withheld is None:
        raise NotWithheld
    if target.kind is TargetKind.POST:
        await posts.publish_post(tx, access.post_access, now=now)
    else:
        await comments.publish_comment(tx, access.post_access, id=target.id, now=now)
    await queries.resolve_open_case(tx, target_id=target.id, by=by, now=now)
    await audit_target(tx, access, action="approve", by=by, detail={}, now=now)
    if target.withheld is Withheld.APPROVAL:
        payload = ContentRestored(forum=access.forum.ref, target=target.subject)
        await notify_author(tx, access, type="moderation.approved", payload=payload, now=now)
