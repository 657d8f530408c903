"""Who is in a forum, and as what.

Each change locks the forum's stream before it looks, so that of two at once the second sees what
the first did, and whoever is out of a private forum is not in the audience of a later event. What
moderators do is told in the forum too; that people come and go by themselves only to themselves.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, UserNotFound
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidCursor, MemberNotFound, NotAllowed, OwnershipTransferRequired
from cgraph.core.pagination import decode_cursor, encode_cursor, items_page_json
from cgraph.events.streams import forum_stream, user_stream
from cgraph.forums.access import access_forum, audience_of, lock_forum
from cgraph.forums.actions import forum_json
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.members import queries
from cgraph.forums.members.models import (
    Appointed,
    Candidate,
    ForumLeft,
    ForumMember,
    MemberLeft,
)
from cgraph.forums.members.rules import may_remove
from cgraph.forums.models import ForumAccess, ForumView, Visibility
from cgraph.forums.policies import ForumRole
from cgraph.realtime.announcements import record_event
from cgraph.realtime.lost_access import end_unreadable_subscriptions


async def list_forum_members(
    tx: Transaction, *, caller: Caller, slug: str, moderating: bool, cursor: str | None, limit: int
) -> str:
    """A page of ForumMember, as JSON. Raises ForumNotFound, InvalidCursor."""
    place = await access_forum(tx, slug=slug, caller=caller)
    scope = f"forum_members:{place.id}:{moderating}"
    after = UUID(int=0) if cursor is None else _position(scope, cursor)
    items = await queries.members_of(
        tx, forum_id=place.id, moderating=moderating, after=after, limit=limit + 1
    )
    more = encode_cursor(scope, str(items[limit - 1].id)) if len(items) > limit else None
    return items_page_json([item.shown for item in items[:limit]], next=more)


async def join_forum(tx: Transaction, *, caller: Caller, slug: str) -> str:
    """A SeenForum, as JSON. Raises ForumNotFound, NotAllowed."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    if place.role is ForumRole.VISITOR:
        if place.visibility is not Visibility.PUBLIC:
            raise NotAllowed("Here moderators add the members")
        await _insert(tx, place, user_id=caller.id, role=ForumRole.MEMBER, now=clock.now())
    return await forum_json(tx, id=place.id, reader=caller.id)


async def leave_forum(tx: Transaction, *, caller: Caller, slug: str) -> None:
    """Who is no member stays none. Raises ForumNotFound, HandOverFirst."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    there = await _candidate(tx, place, user_id=caller.id, caller=caller)
    if there.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if there.role is not None:
        await _delete(tx, place, user_id=caller.id, now=clock.now())


async def add_forum_member(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID
) -> ForumMember:
    """Who is there already stays what they are. Raises ForumNotFound, UserNotFound, NotAllowed,
    Blocked.
    """
    place = await lock_forum(tx, slug=slug, caller=caller)
    found = await _candidate(tx, place, user_id=user_id, caller=caller)
    if found.role is not None:
        return _member(found)
    _require_welcome(found)
    await _log(tx, place, "add_forum_member", caller=caller, about=user_id)
    return await _add(tx, place, found, role=ForumRole.MEMBER)


async def remove_forum_member(tx: Transaction, *, caller: Caller, slug: str, user_id: UUID) -> None:
    """Removes somebody, or leaves. Raises ForumNotFound, NotAllowed, UserNotFound,
    MemberNotFound, HandOverFirst.
    """
    place = await lock_forum(tx, slug=slug, caller=caller, about=user_id)
    found = await _candidate(tx, place, user_id=user_id, caller=caller)
    if found.role is None:
        raise MemberNotFound("They are not in this forum")
    if user_id == caller.id and found.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if user_id != caller.id and not may_remove(place.role, removed=found.role):
        raise NotAllowed("Only the owner removes a moderator")
    now = clock.now()
    if user_id != caller.id:
        await _log(tx, place, "remove_forum_member", caller=caller, about=user_id)
    await _delete(tx, place, user_id=user_id, now=now)
    if user_id != caller.id:
        left = MemberLeft(user_id=user_id).model_dump(mode="json")
        await _tell(tx, place, "membership.removed", left, now=now)


async def appoint_moderator(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, appointed: Appointed
) -> ForumMember:
    """Whoever is no member becomes one. Raises ForumNotFound, UserNotFound, NotAllowed, Blocked,
    HandOverFirst.
    """
    place = await lock_forum(tx, slug=slug, caller=caller)
    found = await _candidate(tx, place, user_id=user_id, caller=caller)
    role = ForumRole(appointed.role)
    if found.role is role:
        return _member(found)
    if user_id == caller.id:
        raise OwnershipTransferRequired
    _require_welcome(found)
    await _log(tx, place, "appoint_moderator", caller=caller, about=user_id, role=role)
    if found.role is None:
        made = await _add(tx, place, found, role=role)
    else:
        made = await _give(tx, place, role, to=found)
    if role is ForumRole.OWNER:
        giver = await _candidate(tx, place, user_id=caller.id, caller=caller)
        await _give(tx, place, ForumRole.MODERATOR, to=giver)
    return made


async def dismiss_moderator(tx: Transaction, *, caller: Caller, slug: str, user_id: UUID) -> None:
    """A moderator is a member again. Raises ForumNotFound, UserNotFound, NotAllowed,
    MemberNotFound, HandOverFirst.
    """
    place = await lock_forum(tx, slug=slug, caller=caller)
    found = await _candidate(tx, place, user_id=user_id, caller=caller)
    if found.role is ForumRole.OWNER:
        raise OwnershipTransferRequired
    if found.role is not ForumRole.MODERATOR:
        raise MemberNotFound("They do not moderate this forum")
    await _log(tx, place, "dismiss_moderator", caller=caller, about=user_id)
    await _give(tx, place, ForumRole.MEMBER, to=found)


async def _candidate(
    tx: Transaction, place: ForumAccess, *, user_id: UUID, caller: Caller
) -> Candidate:
    """Raises UserNotFound."""
    found = await queries.candidate(tx, forum_id=place.id, user_id=user_id, asker=caller.id)
    if found is None:
        raise UserNotFound
    return found


def _require_welcome(person: Candidate) -> None:
    """Raises Blocked, NotAllowed."""
    if person.role is None and person.blocks:
        raise Blocked
    if person.banned:
        raise NotAllowed("They are banned from this forum: lift that first")


async def _add(
    tx: Transaction, place: ForumAccess, person: Candidate, *, role: ForumRole
) -> ForumMember:
    now = clock.now()
    member = _member(person.model_copy(update={"role": role, "joined_at": now}))
    await _tell(tx, place, "membership.added", _told(member), now=now)
    await _insert(tx, place, user_id=person.id, role=role, now=now)
    return member


async def _give(
    tx: Transaction, place: ForumAccess, role: ForumRole, *, to: Candidate
) -> ForumMember:
    member = _member(to.model_copy(update={"role": role}))
    await queries.set_role(tx, forum_id=place.id, user_id=to.id, role=role)
    await _tell(tx, place, "membership.updated", _told(member), now=clock.now())
    return member


async def _insert(
    tx: Transaction, place: ForumAccess, *, user_id: UUID, role: ForumRole, now: datetime
) -> None:
    await queries.insert_member(tx, forum_id=place.id, user_id=user_id, role=role, now=now)
    seen = ForumView.model_validate_json(await forum_json(tx, id=place.id, reader=user_id))
    await record_event(
        tx,
        stream=user_stream(user_id),
        type="forum.joined",
        data={"forum": seen.model_dump(mode="json")},
        audience=[user_id],
        now=now,
    )


async def _delete(tx: Transaction, place: ForumAccess, *, user_id: UUID, now: datetime) -> None:
    await queries.delete_member(tx, forum_id=place.id, user_id=user_id)
    tx.on_commit(end_unreadable_subscriptions, user_id)
    await record_event(
        tx,
        stream=user_stream(user_id),
        type="forum.left",
        data=ForumLeft(forum_id=place.id).model_dump(mode="json"),
        audience=[user_id],
        now=now,
    )


async def _tell(
    tx: Transaction, place: ForumAccess, type: str, data: dict[str, object], *, now: datetime
) -> None:
    await record_event(
        tx,
        stream=forum_stream(place.id),
        type=type,
        data=data,
        audience=await audience_of(tx, place),
        now=now,
    )


async def _log(
    tx: Transaction, place: ForumAccess, action: str, *, caller: Caller, about: UUID, **detail: str
) -> None:
    await audit.record(
        tx,
        forum_id=place.id,
        actor=caller.id,
        action=action,
        target=Subject(kind="user", id=about),
        detail=detail,
        now=clock.now(),
    )


def _member(person: Candidate) -> ForumMember:
    return ForumMember(**person.model_dump(exclude={"blocks", "banned"}))


def _told(member: ForumMember) -> dict[str, object]:
    """What `membership.added` and `membership.updated` tell."""
    return {"member": member.model_dump(mode="json")}


def _position(scope: str, cursor: str) -> UUID:
    """Raises InvalidCursor."""
    (id,) = decode_cursor(scope, cursor, str)
    try:
        return UUID(str(id))
    except ValueError:
        raise InvalidCursor from None
