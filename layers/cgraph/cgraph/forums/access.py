"""Access to a forum: fetches what decides what the caller may do there, and checks it."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed, RateLimited, Refusal
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast, broadcast_mention
from cgraph.core.policies import AccessContext
from cgraph.forums import queries
from cgraph.forums.errors import ForumNotFound
from cgraph.forums.models import ForumAccess, Posting, Visibility
from cgraph.forums.policies import ForumRole

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,30}", re.ASCII)


async def access_forum(
    tx: Transaction, *, slug: str, caller: Caller, target_id: UUID | None = None
) -> ForumAccess:
    """`target_id`: the user whom the request is about. Raises ForumNotFound, NotAllowed."""
    forum = await _forum_access(tx, slug=slug, user_id=caller.id)
    return require_access(forum, caller=caller, target_id=target_id)


async def access_forum_by_id(
    tx: Transaction, *, id: UUID, caller: Caller, not_found: type[Refusal] = ForumNotFound
) -> ForumAccess:
    """Raises `not_found`, NotAllowed."""
    forum = await queries.forum_access_by_id(tx, id=id, user_id=caller.id)
    return require_access(forum, caller=caller, not_found=not_found)


async def lock_forum(
    tx: Transaction, *, slug: str, caller: Caller, target_id: UUID | None = None
) -> ForumAccess:
    """`access_forum` for an action that changes the forum or writes in it: it locks the forum's
    stream until the transaction ends, and is the first statement of the transaction. A caller
    without access locks nothing.

    Raises ForumNotFound, NotAllowed.
    """
    forum = await _forum_access(tx, slug=slug, user_id=caller.id, for_update=True)
    return require_access(forum, caller=caller, target_id=target_id)


async def lock_forum_by_id(tx: Transaction, *, id: UUID) -> None:
    """Locks the forum's stream for a user whose access is checked elsewhere, before and after."""
    await queries.lock_forum_stream(tx, id=id)


def require_access(
    forum: ForumAccess | None,
    *,
    caller: Caller,
    author_id: UUID | None = None,
    target_id: UUID | None = None,
    not_found: type[Refusal] = ForumNotFound,
) -> ForumAccess:
    """Raises `not_found`, NotAllowed."""
    context = None
    if forum is not None:
        may_act = caller.policy.always or forum.role is not ForumRole.BANNED
        is_author = author_id == caller.id and may_act
        is_target = target_id == caller.id
        context = AccessContext(forum.role, is_author=is_author, is_target=is_target)
    policies.require(caller.policy, context, not_found=not_found)
    assert forum is not None, "or the policy had refused"
    return forum


def require_posting(forum: ForumAccess) -> None:
    """Before the caller posts, comments or votes. Raises NotAllowed."""
    if forum.moderates or forum.posting is Posting.EVERYONE:
        return
    if forum.posting is Posting.MODERATORS or forum.role is ForumRole.VISITOR:
        raise NotAllowed(f"Only {forum.posting} may write in this forum")


def broadcast_in(forum: ForumAccess, rendered: Rendered) -> Broadcast | None:
    """Whether a text of the caller mentions everyone: the owner and moderators may."""
    return broadcast_mention(rendered.mentions) if forum.moderates else None


def slow_mode_pause(forum: ForumAccess) -> int:
    """Seconds between two posts or comments of this user; 0 where slow mode does not apply."""
    return 0 if forum.moderates else forum.slow_mode_seconds


def slow_mode_refusal(forum: ForumAccess, *, last_write_at: datetime, now: datetime) -> RateLimited:
    """For a user who has written a moment ago."""
    pause = forum.slow_mode_seconds
    return RateLimited(
        f"This forum is in slow mode: you may write once in {pause} s",
        retry_after=max(0.0, pause - (now - last_write_at).total_seconds()),
    )


async def audience_of(tx: Transaction, forum: ForumAccess) -> Sequence[UUID] | None:
    """The users to whom an event in the forum goes: the members of a private forum; None, which is
    every subscriber, of the others.
    """
    if forum.visibility is not Visibility.PRIVATE:
        return None
    return await queries.member_ids(tx, id=forum.id)


def is_slug(text: str) -> bool:
    """Whether a forum can have this slug; Postgres is asked only for those."""
    return _SLUG.fullmatch(text) is not None


async def _forum_access(
    tx: Transaction, *, slug: str, user_id: UUID, for_update: bool = False
) -> ForumAccess | None:
    if not is_slug(slug):
        return None
    return await queries.forum_access_by_slug(tx, slug=slug, user_id=user_id, for_update=for_update)
