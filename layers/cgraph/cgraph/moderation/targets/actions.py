"""Access to what is reported or removed: a post, or a comment under one."""

from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal
from cgraph.forums.errors import CommentDeleted, PostDeleted
from cgraph.forums.posts.actions import access_post, select_post_for_update
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
    """Deleted and removed ones too. `not_found`: what is said where it is not theirs to know of.
    Raises that, NotAllowed.
    """
    thing = await _find(tx, kind=kind, id=id, not_found=not_found)
    found = await access_post(
        tx, id=thing.post_id, caller=caller, author=thing.author_id, not_found=not_found
    )
    if thing.shadowed and thing.author_id != caller.id and not found.place.moderates:
        raise not_found
    return TargetAccess(thing, found)


async def lock_target(
    tx: Transaction,
    *,
    kind: TargetKind,
    id: UUID,
    caller: Caller,
    not_found: type[Refusal],
) -> TargetAccess:
    """`access_target` for moderators who do something to it: first in a transaction, it locks the
    streams of the forum and of the post. Raises as that does, and PostMoved.
    """
    thing = await _find(tx, kind=kind, id=id, not_found=not_found)
    await select_post_for_update(
        tx,
        id=thing.post_id,
        caller=caller,
        author=thing.author_id,
        not_found=not_found,
        with_forum=True,
    )
    return await access_target(tx, kind=kind, id=id, caller=caller, not_found=not_found)


def require_there(thing: Target) -> None:
    """Raises PostDeleted, CommentDeleted, also where moderators took it away."""
    if thing.deleted_at is not None or thing.removed_at is not None:
        raise PostDeleted if thing.kind is TargetKind.POST else CommentDeleted


async def _find(tx: Transaction, *, kind: TargetKind, id: UUID, not_found: type[Refusal]) -> Target:
    thing = await queries.thing_of(tx, kind=kind, id=id)
    if thing is None:
        raise not_found
    return thing
