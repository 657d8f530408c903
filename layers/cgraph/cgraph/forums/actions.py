"""Forums: who may what there, and who is told."""

from collections.abc import Sequence
from uuid import UUID

from cgraph import ids, policies
from cgraph.auth.caller import Caller
from cgraph.database import Transaction
from cgraph.errors import ForumNotFound, NotAllowed, RateLimited, Refusal
from cgraph.forums import queries
from cgraph.forums.models import Place, Posting, Visibility
from cgraph.policies import ForumRole, Standing


async def access_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> Place:
    """`about`: whom the caller is about to do something to. Raises ForumNotFound, NotAllowed."""
    place = await queries.place_of(tx, slug=slug, reader=caller.id)
    return require(place, caller=caller, about=about)


async def access_place(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    hidden: type[Refusal] = ForumNotFound,
) -> Place:
    """By the forum's id; `author`: of the post or comment it is about. Raises `hidden`,
    NotAllowed.
    """
    place = await queries.place_by_id(tx, id=id, reader=caller.id)
    return require(place, caller=caller, author=author, hidden=hidden)


async def lock_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> Place:
    """`access_forum` for whoever changes it or writes in it: first in a transaction, and until its
    end nothing else does. Raises ForumNotFound, NotAllowed.
    """
    place = await queries.place_of(tx, slug=slug, reader=caller.id)
    if place is None:
        raise ForumNotFound  # strangers lock nothing
    await queries.lock(tx, id=place.id)
    return await access_forum(tx, slug=slug, caller=caller, about=about)


def require(
    place: Place | None,
    *,
    caller: Caller,
    author: UUID | None = None,
    about: UUID | None = None,
    hidden: type[Refusal] = ForumNotFound,
) -> Place:
    """Raises `hidden`, NotAllowed."""
    standing = None
    if place is not None:
        is_author = author == caller.id and place.role is not ForumRole.BANNED
        standing = Standing(place.role, is_author=is_author, is_oneself=about == caller.id)
    policies.require(caller.policy, standing, hidden=hidden)
    assert place is not None, "or the policy had refused"
    return place


def require_posting(place: Place) -> None:
    """To post, comment or vote. Raises NotAllowed."""
    if place.moderates or place.posting is Posting.EVERYONE:
        return
    if place.posting is Posting.MODERATORS or place.role is ForumRole.VISITOR:
        raise NotAllowed(f"In this forum only {place.posting} may write")


async def require_pace(tx: Transaction, place: Place, *, user_id: UUID) -> None:
    """Before somebody posts or comments, with the streams locked: in slow mode this is now their
    last write there. Raises RateLimited.
    """
    pause = place.slow_mode_seconds
    if pause == 0 or place.moderates:
        return
    now = ids.now()
    if await queries.take_turn(tx, id=place.id, user_id=user_id, pause_seconds=pause, now=now):
        return
    last = await queries.last_write(tx, id=place.id, user_id=user_id)
    raise RateLimited(
        f"In this forum one writes once in {pause} s",
        retry_after=max(0.0, pause - (now - last).total_seconds()),
    )


async def audience_of(tx: Transaction, place: Place) -> Sequence[UUID] | None:
    """Whom an event there is for, so that a private forum's reaches nobody who has left it."""
    if place.visibility is not Visibility.PRIVATE:
        return None
    return await queries.members_of(tx, id=place.id)
