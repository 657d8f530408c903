import re
from collections.abc import Sequence
from uuid import UUID

from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed, RateLimited, Refusal
from cgraph.core.policies import AccessContext
from cgraph.forums import queries
from cgraph.forums.errors import ForumNotFound
from cgraph.forums.models import (
    ForumAccess,
    Posting,
    Visibility,
)
from cgraph.forums.policies import ForumRole

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,30}", re.ASCII)


async def access_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> ForumAccess:
    """`about`: whom the caller is about to do something to. Raises ForumNotFound, NotAllowed."""
    place = await _forum_access(tx, slug=slug, reader=caller.id)
    return require_access(place, caller=caller, about=about)


async def access_forum_by_id(
    tx: Transaction,
    *,
    id: UUID,
    caller: Caller,
    author: UUID | None = None,
    not_found: type[Refusal] = ForumNotFound,
) -> ForumAccess:
    """By the forum's id; `author`: of the post or comment it is about. Raises `not_found`,
    NotAllowed.
    """
    place = await queries.place_by_id(tx, id=id, reader=caller.id)
    return require_access(place, caller=caller, author=author, not_found=not_found)


async def lock_forum(
    tx: Transaction, *, slug: str, caller: Caller, about: UUID | None = None
) -> ForumAccess:
    """`access_forum` for whoever changes it or writes in it: first in a transaction, and until its
    end nothing else does. Raises ForumNotFound, NotAllowed.
    """
    place = await _forum_access(tx, slug=slug, reader=caller.id)
    if place is None:
        raise ForumNotFound  # strangers lock nothing
    await queries.lock(tx, id=place.id)
    return await access_forum(tx, slug=slug, caller=caller, about=about)


def require_access(
    place: ForumAccess | None,
    *,
    caller: Caller,
    author: UUID | None = None,
    about: UUID | None = None,
    not_found: type[Refusal] = ForumNotFound,
) -> ForumAccess:
    """Raises `not_found`, NotAllowed."""
    context = None
    if place is not None:
        is_author = author == caller.id and place.role is not ForumRole.BANNED
        context = AccessContext(place.role, is_author=is_author, is_target=about == caller.id)
    policies.require(caller.policy, context, not_found=not_found)
    assert place is not None, "or the policy had refused"
    return place


def require_posting(place: ForumAccess) -> None:
    """To post, comment or vote. Raises NotAllowed."""
    if place.moderates or place.posting is Posting.EVERYONE:
        return
    if place.posting is Posting.MODERATORS or place.role is ForumRole.VISITOR:
        raise NotAllowed(f"In this forum only {place.posting} may write")


async def require_slow_mode(tx: Transaction, place: ForumAccess, *, user_id: UUID) -> None:
    """Before somebody posts or comments, with the streams locked: in slow mode this is now their
    last write there. Raises RateLimited.
    """
    pause = place.slow_mode_seconds
    if pause == 0 or place.moderates:
        return
    now = clock.now()
    if await queries.take_turn(tx, id=place.id, user_id=user_id, pause_seconds=pause, now=now):
        return
    last = await queries.last_write(tx, id=place.id, user_id=user_id)
    raise RateLimited(
        f"In this forum one writes once in {pause} s",
        retry_after=max(0.0, pause - (now - last).total_seconds()),
    )


async def audience_of(tx: Transaction, place: ForumAccess) -> Sequence[UUID] | None:
    """Whom an event there is for, so that a private forum's reaches nobody who has left it."""
    if place.visibility is not Visibility.PRIVATE:
        return None
    return await queries.members_of(tx, id=place.id)


def _is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None


async def _forum_access(tx: Transaction, *, slug: str, reader: UUID) -> ForumAccess | None:
    """What no forum can be called, Postgres is not asked for."""
    return await queries.place_of(tx, slug=slug, reader=reader) if _is_slug(slug) else None
