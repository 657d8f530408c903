"""Access to what is reported or removed: a post, or a comment under one."""

from uuid import UUID

from cgraph.auth.caller import Caller
from cgraph.database import Transaction
from cgraph.errors import CommentDeleted, PostDeleted, Refusal
from cgraph.moderation.targets import queries
from cgraph.moderation.targets.models import Aim, TargetKind, Thing
from cgraph.posts.actions import access_post, lock_post


async def access_target(
    tx: Transaction,
    *,
    kind: TargetKind,
    id: UUID,
    caller: Caller,
    hidden: type[Refusal],
) -> Aim:
    """Deleted and removed ones too. `hidden`: what is said where it is not theirs to know of.
    Raises that, NotAllowed.
    """
    thing = await _find(tx, kind=kind, id=id, hidden=hidden)
    found = await access_post(
        tx, id=thing.post_id, caller=caller, author=thing.author_id, hidden=hidden
    )
    if thing.shadowed and thing.author_id != caller.id and not found.place.moderates:
        raise hidden
    return Aim(thing, found)


async def lock_target(
    tx: Transaction,
    *,
    kind: TargetKind,
    id: UUID,
    caller: Caller,
    hidden: type[Refusal],
) -> Aim:
    """`access_target` for moderators who do something to it: first in a transaction, it locks the
    streams of the forum and of the post. Raises as that does, and PostMoved.
    """
    thing = await _find(tx, kind=kind, id=id, hidden=hidden)
    await lock_post(
        tx,
        id=thing.post_id,
        caller=caller,
        author=thing.author_id,
        hidden=hidden,
        with_forum=True,
    )
    return await access_target(tx, kind=kind, id=id, caller=caller, hidden=hidden)


def require_there(thing: Thing) -> None:
    """Raises PostDeleted, CommentDeleted, also where moderators took it away."""
    if thing.deleted_at is not None or thing.removed_at is not None:
        raise PostDeleted if thing.kind is TargetKind.POST else CommentDeleted


async def _find(tx: Transaction, *, kind: TargetKind, id: UUID, hidden: type[Refusal]) -> Thing:
    thing = await queries.thing_of(tx, kind=kind, id=id)
    if thing is None:
        raise hidden
    return thing
