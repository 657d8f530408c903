"""Members of a forum: joining, leaving, adding, removing and their roles.

Each change is decided under the lock of the forum's stream (joining: on what is still so under it),
so that of two at once the second sees what the first did, and a removed member is not in the
audience of a later event. What a moderator does is an event in the forum's stream too; joining and
leaving are events in the member's own stream.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, UserNotFound
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import MemberNotFound, NotAllowed, OwnershipTransferRequired
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.actions import forum_json
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.events import record_forum_event
from cgraph.forums.members import queries
from cgraph.forums.members.models import (
    AppointmentDraft,
    ForumMember,
    MembershipRemoved,
    UserInForumRow,
)
from cgraph.forums.models import ForumAccess, Visibility
from cgraph.forums.policies import ForumRole
from cgraph.forums.rules import require_rank_over
from cgraph.media.public_urls import fill_public
from cgraph.realtime.announcements import announce_logged
from cgraph.realtime.lost_access import end_unreadable_subscriptions


async def list_forum_members(
    tx: Transaction, *, caller: Caller, slug: str, moderating: bool, cursor: str | None, limit: int
) -> str:
    """A page of ForumMember, as JSON. Raises ForumNotFound, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"forum_members:{forum.id}:{moderating}"
    (after,) = (FIRST_ID,) if cursor is None else decode_cursor(scope, cursor, UUID)
    rows = await queries.list_forum_members(
        tx, forum_id=forum.id, moderating=moderating, after=after, limit=limit + 1
    )
    return fill_public(page_json(rows, limit=limit, scope=scope, position=lambda row: (row.id,)))


async def join_forum(tx: Transaction, *, caller: Caller, slug: str) -> str:
    """A ForumView, as JSON. Raises ForumNotFound, NotAllowed."""
    while True:
        forum = await access_forum(tx, slug=slug, caller=caller)
        if forum.role is not ForumRole.VISITOR:
            return fill_public(await forum_json(tx, id=forum.id, reader=caller.id))
        if forum.visibility is not Visibility.PUBLIC:
            raise NotAllowed("Only moderators add members to this forum")
        now = clock.now()
        row = await queries.join_forum(tx, forum=forum, user_id=caller.id, now=now)
        if row.result_json is not None:
            announce_logged(tx, row.logged or [], audience=row.audience, now=now)
            return fill_public(row.result_json)


async def leave_forum(tx: Transaction, *, caller: Caller, slug: str) -> None:
    """Does nothing if the caller is no member. Raises ForumNotFound, OwnershipTransferRequired."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    user = await _user_in_forum(tx, forum, user_id=caller.id, caller=caller)
    if user.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if user.role is not None:
        await _delete(tx, forum, user_id=caller.id, now=clock.now())


async def add_forum_member(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID
) -> ForumMember:
    """A member keeps their role. Raises ForumNotFound, UserNotFound, NotAllowed, Blocked."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    user = await _user_in_forum(tx, forum, user_id=user_id, caller=caller)
    if user.role is not None:
        return _member(user)
    _require_admissible(user)
    await _audit(tx, forum, "add_forum_member", caller=caller, target_id=user_id)
    return await _add(tx, forum, user, role=ForumRole.MEMBER)


async def admit(tx: Transaction, forum: ForumAccess, *, user_id: UUID, caller: Caller) -> None:
    """Adds a user who has asked for it. The caller has locked the forum. Raises UserNotFound,
    NotAllowed (a banned user).
    """
    user = await _user_in_forum(tx, forum, user_id=user_id, caller=caller)
    if user.role is None:
        _require_admissible(user.model_copy(update={"is_blocked": False}))
        await _add(tx, forum, user, role=ForumRole.MEMBER)


async def remove_forum_member(tx: Transaction, *, caller: Caller, slug: str, user_id: UUID) -> None:
    """Raises ForumNotFound, NotAllowed, UserNotFound, MemberNotFound, HigherRank,
    OwnershipTransferRequired.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller, target_id=user_id)
    user = await _user_in_forum(tx, forum, user_id=user_id, caller=caller)
    if user.role is None:
        raise MemberNotFound("The user is not a member of this forum")
    if user_id == caller.id and user.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if user_id != caller.id:
        require_rank_over(forum.role, person=user.role)
    now = clock.now()
    if user_id != caller.id:
        await _audit(tx, forum, "remove_forum_member", caller=caller, target_id=user_id)
    await _delete(tx, forum, user_id=user_id, now=now)
    if user_id != caller.id:
        data = MembershipRemoved(user_id=user_id).model_dump(mode="json")
        await record_forum_event(tx, forum, type="membership.removed", data=data, now=now)


async def appoint_moderator(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, draft: AppointmentDraft
) -> ForumMember:
    """A user who is no member becomes one. Raises ForumNotFound, UserNotFound, NotAllowed, Blocked,
    OwnershipTransferRequired.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    user = await _user_in_forum(tx, forum, user_id=user_id, caller=caller)
    role = ForumRole(draft.role)
    if user.role is role:
        return _member(user)
    if user_id == caller.id:
        raise OwnershipTransferRequired
    _require_admissible(user)
    await _audit(tx, forum, "appoint_moderator", caller=caller, target_id=user_id, role=role)
    if user.role is None:
        member = await _add(tx, forum, user, role=role)
    else:
        member = await _change_role(tx, forum, user, role=role)
    if role is ForumRole.OWNER:
        former_owner = await _user_in_forum(tx, forum, user_id=caller.id, caller=caller)
        await _change_role(tx, forum, former_owner, role=ForumRole.MODERATOR)
    return member


async def dismiss_moderator(tx: Transaction, *, caller: Caller, slug: str, user_id: UUID) -> None:
    """The moderator becomes a member. Raises ForumNotFound, UserNotFound, NotAllowed,
    MemberNotFound, OwnershipTransferRequired.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    user = await _user_in_forum(tx, forum, user_id=user_id, caller=caller)
    if user.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if user.role is not ForumRole.MODERATOR:
        raise MemberNotFound("The user does not moderate this forum")
    await _audit(tx, forum, "dismiss_moderator", caller=caller, target_id=user_id)
    await _change_role(tx, forum, user, role=ForumRole.MEMBER)


async def _user_in_forum(
    tx: Transaction, forum: ForumAccess, *, user_id: UUID, caller: Caller
) -> UserInForumRow:
    """Raises UserNotFound."""
    user = await queries.user_in_forum(tx, forum_id=forum.id, user_id=user_id, caller_id=caller.id)
    if user is None:
        raise UserNotFound
    return user


def _require_admissible(user: UserInForumRow) -> None:
    """Raises Blocked, NotAllowed."""
    if user.role is None and user.is_blocked:
        raise Blocked
    if user.banned:
        raise NotAllowed("The user is banned from this forum: lift the ban first")


async def _add(
    tx: Transaction, forum: ForumAccess, user: UserInForumRow, *, role: ForumRole
) -> ForumMember:
    now = clock.now()
    member = _member(user.model_copy(update={"role": role, "joined_at": now}))
    data = _event_payload(member)
    await record_forum_event(tx, forum, type="membership.added", data=data, now=now)
    await _insert(tx, forum, user_id=user.id, role=role, now=now)
    return member


async def _change_role(
    tx: Transaction, forum: ForumAccess, user: UserInForumRow, *, role: ForumRole
) -> ForumMember:
    member = _member(user.model_copy(update={"role": role}))
    await queries.set_role(tx, forum_id=forum.id, user_id=user.id, role=role)
    data = _event_payload(member)
    await record_forum_event(tx, forum, type="membership.updated", data=data, now=clock.now())
    return member


async def _insert(
    tx: Transaction, forum: ForumAccess, *, user_id: UUID, role: ForumRole, now: datetime
) -> None:
    event = await queries.insert_member(tx, forum_id=forum.id, user_id=user_id, role=role, now=now)
    announce_logged(tx, [event], audience=[user_id], now=now)


async def _delete(tx: Transaction, forum: ForumAccess, *, user_id: UUID, now: datetime) -> None:
    event = await queries.delete_member(tx, forum_id=forum.id, user_id=user_id, now=now)
    tx.on_commit(end_unreadable_subscriptions, user_id)
    announce_logged(tx, [event], audience=[user_id], now=now)


async def _audit(
    tx: Transaction,
    forum: ForumAccess,
    action: str,
    *,
    caller: Caller,
    target_id: UUID,
    **detail: str,
) -> None:
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=caller.id,
        action=action,
        target=EntityRef(kind="user", id=target_id),
        detail=detail,
        now=clock.now(),
    )


def _member(user: UserInForumRow) -> ForumMember:
    return ForumMember(**user.model_dump(exclude={"is_blocked", "banned"}))


def _event_payload(member: ForumMember) -> dict[str, object]:
    """Of `membership.added` and `membership.updated`."""
    return {"member": member.model_dump(mode="json")}
