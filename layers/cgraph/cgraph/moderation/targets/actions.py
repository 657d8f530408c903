"""Access to the target of a report or a removal: a post or a comment."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal
from cgraph.forums.errors import CommentDeleted, PostDeleted
from cgraph.forums.posts.access import access_post, select_post_for_update
from cgraph.forums.rules import require_other_case, require_rank_for_text
from cgraph.moderation.targets import queries
from cgraph.moderation.targets.models import Target, TargetAccess, TargetKind


async def access_target(
    tx: Transaction,
    *,
    kind: TargetKind,
    id: UUID,
    caller: Caller,
    not_found: type[Refusal],
) -> TargetAccess:
    """Returns a post or comment, deleted and removed ones included.

    Raises `not_found` where the caller may not know that it exists, NotAllowed.
    """
    target = await _require_target(tx, kind=kind, id=id, caller=caller, not_found=not_found)
    post_access = await access_post(
        tx, id=target.post_id, caller=caller, author_id=target.author_id, not_found=not_found
    )
    return TargetAccess(target, post_access)


async def select_target_for_update(
    tx: Transaction,
    *,
    kind: TargetKind,
    id: UUID,
    caller: Caller,
    not_found: type[Refusal],
) -> TargetAccess:
    """Like `access_target`, for moderators who are about to change the target.

    Must come first in a transaction: it locks the streams of the forum and of the post.
    Raises `not_found`, NotAllowed, PostMoved.
    """
    target = await _require_target(tx, kind=kind, id=id, caller=caller, not_found=not_found)
    post_access = await select_post_for_update(
        tx,
        id=target.post_id,
        caller=caller,
        author_id=target.author_id,
        not_found=not_found,
        with_forum=True,
    )
    locked = await _require_target(tx, kind=kind, id=id, caller=caller, not_found=not_found)
    return TargetAccess(locked, post_access)


def require_judge(access: TargetAccess, *, judge: UUID) -> None:
    """Before a moderator acts against a post or comment, or for it. Raises OwnCase, HigherRank."""
    require_other_case(judge=judge, user_id=access.target.author_id)
    require_rank_for_text(access.forum.role, author=access.target.author_role)


def require_not_deleted(target: Target) -> None:
    """Raises PostDeleted, CommentDeleted; also where a moderator has removed the target."""
    if target.deleted_at is not None or target.removed_at is not None:
        raise PostDeleted if target.kind is TargetKind.POST else CommentDeleted


async def _require_target(
    tx: Transaction, *, kind: TargetKind, id: UUID, caller: Caller, not_found: type[Refusal]
) -> Target:
    target = await queries.target_row(tx, kind=kind, id=id, reader=caller.id)
    if target is None:
        raise not_found
    return target
