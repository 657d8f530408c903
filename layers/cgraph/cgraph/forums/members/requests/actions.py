"""Requests to become a member of a restricted or private forum.

The user who asks and the moderators get an event in their own streams, which are locked after the
forum's, the lesser id first.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.forums.access import access_forum, is_slug, lock_forum, lock_forum_by_id
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.errors import (
    AlreadyMember,
    ForumNotFound,
    MembershipRequestNotFound,
    NotRequested,
    RequestedRecently,
    RequestsNotAccepted,
)
from cgraph.forums.members import actions as members
from cgraph.forums.members.requests import queries
from cgraph.forums.members.requests.models import (
    MembershipRequest,
    MembershipRequestDraft,
    RequestDecision,
    RequestedForum,
    RequestResolution,
    RequestRow,
    RequestState,
)
from cgraph.forums.models import Visibility
from cgraph.media.public_urls import fill_public
from cgraph.realtime.notices import notify_user

PAUSES = {
    RequestState.REFUSED: timedelta(days=30),
    RequestState.WITHDRAWN: timedelta(days=1),
}
"""How long after a request that ended like this the user may not ask again."""

BEGINNING_OF_TIME = datetime(1, 1, 1, tzinfo=UTC)


async def request_membership(
    tx: Transaction, *, caller: Caller, slug: str, draft: MembershipRequestDraft
) -> str:
    """A MembershipRequest, as JSON; an open one is returned as it is.

    Raises ForumNotFound, NotAllowed, AlreadyMember, RequestsNotAccepted, Blocked,
    RequestedRecently.
    """
    forum = await _lock(tx, slug=slug, caller=caller)
    _require_requestable(forum)
    now = clock.now()
    last = await queries.last_request(tx, forum_id=forum.id, user_id=caller.id)
    if last is None or last.state is not RequestState.OPEN:
        _require_pause(last, now=now)
        streams = await _lock_streams(tx, forum_id=forum.id, user_id=caller.id)
        await queries.open_request(
            tx, forum_id=forum.id, user_id=caller.id, message=draft.message, now=now
        )
        await _notify(tx, "request.created", streams, forum.id, user_id=caller.id, now=now)
    return await queries.request_json(tx, forum_id=forum.id, user_id=caller.id)


async def withdraw_membership_request(tx: Transaction, *, caller: Caller, slug: str) -> None:
    """Raises ForumNotFound, NotRequested."""
    forum = await _lock(tx, slug=slug, caller=caller)
    now = clock.now()
    streams = await _lock_streams(tx, forum_id=forum.id, user_id=caller.id)
    if not await queries.close_request(
        tx,
        forum_id=forum.id,
        user_id=caller.id,
        state=RequestState.WITHDRAWN,
        note="",
        by=caller.id,
        now=now,
    ):
        raise NotRequested
    await _notify(tx, "request.withdrawn", streams, forum.id, user_id=caller.id, now=now)


async def list_membership_requests(
    tx: Transaction, *, caller: Caller, slug: str, cursor: str | None, limit: int
) -> str:
    """A page of MembershipRequest, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"requests:{forum.id}"
    after = BEGINNING_OF_TIME, FIRST_ID
    if cursor is not None:
        after = tuple(decode_cursor(scope, cursor, datetime, UUID))
    rows = await queries.list_membership_requests(
        tx, forum_id=forum.id, after=after, limit=limit + 1
    )
    return fill_public(
        page_json(
            rows, limit=limit, scope=scope, position=lambda row: (row.created_at, row.user_id)
        )
    )


async def resolve_membership_request(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, resolution: RequestResolution
) -> str:
    """A MembershipRequest, as JSON. Raises ForumNotFound, NotAllowed, MembershipRequestNotFound."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    now = clock.now()
    is_accepted = resolution.decision is RequestDecision.ACCEPT
    streams = await _lock_streams(tx, forum_id=forum.id, user_id=user_id)
    if not await queries.close_request(
        tx,
        forum_id=forum.id,
        user_id=user_id,
        state=RequestState.ACCEPTED if is_accepted else RequestState.REFUSED,
        note=resolution.note,
        by=caller.id,
        now=now,
    ):
        raise MembershipRequestNotFound
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=caller.id,
        action=f"{resolution.decision}_membership_request",
        target=EntityRef(kind="user", id=user_id),
        detail={"note": resolution.note},
        now=now,
    )
    if is_accepted:
        await members.admit(tx, forum, user_id=user_id, caller=caller)
    await _notify(tx, "request.resolved", streams, forum.id, user_id=user_id, now=now)
    return await queries.request_json(tx, forum_id=forum.id, user_id=user_id)


async def _lock(tx: Transaction, *, slug: str, caller: Caller) -> RequestedForum:
    """Locks the forum's stream. Raises ForumNotFound, NotAllowed."""
    forum = await _access(tx, slug=slug, caller=caller)
    await lock_forum_by_id(tx, id=forum.id)
    return await _access(tx, slug=slug, caller=caller)


async def _access(tx: Transaction, *, slug: str, caller: Caller) -> RequestedForum:
    """A private forum exists for its members, and if it accepts requests for everybody else who is
    not banned from it. Raises ForumNotFound, NotAllowed.
    """
    forum = None
    if is_slug(slug):
        forum = await queries.requested_forum(tx, slug=slug, user_id=caller.id)
    if forum is None:
        raise ForumNotFound
    is_known = forum.role is not None or forum.join_requests
    if forum.visibility is Visibility.PRIVATE and (forum.banned or not is_known):
        raise ForumNotFound
    if forum.banned:
        raise NotAllowed("You are banned from this forum")
    return forum


def _require_requestable(forum: RequestedForum) -> None:
    """Raises AlreadyMember, RequestsNotAccepted, Blocked."""
    if forum.role is not None:
        raise AlreadyMember
    if forum.visibility is Visibility.PUBLIC or not forum.join_requests:
        raise RequestsNotAccepted
    if forum.blocked:
        raise Blocked


def _require_pause(last: RequestRow | None, *, now: datetime) -> None:
    """Raises RequestedRecently."""
    if last is None or last.decided_at is None or last.state not in PAUSES:
        return
    until = last.decided_at + PAUSES[last.state]
    if until > now:
        raise RequestedRecently(retry_after=(until - now).total_seconds())


async def _lock_streams(tx: Transaction, *, forum_id: UUID, user_id: UUID) -> Sequence[UUID]:
    """Those of the user and of the moderators, whose ids are returned in the order of locking."""
    ids = sorted({user_id, *await queries.moderator_ids(tx, forum_id=forum_id)})
    await queries.lock_user_streams(tx, ids=ids)
    return ids


async def _notify(
    tx: Transaction,
    type: str,
    user_ids: Sequence[UUID],
    forum_id: UUID,
    *,
    user_id: UUID,
    now: datetime,
) -> None:
    """`user_ids`: whose streams are locked. `user_id`: who asks."""
    json = await queries.request_json(tx, forum_id=forum_id, user_id=user_id)
    request = MembershipRequest.model_validate_json(json).model_dump(mode="json")
    for id in user_ids:
        await notify_user(tx, user_id=id, type=type, data={"request": request}, now=now)
