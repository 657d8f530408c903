"""Bans from a forum: for a time or for ever, open or in the shadow."""

from datetime import datetime, timedelta
from uuid import UUID

from cgraph.accounts.errors import UserNotFound
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed
from cgraph.core.pagination import decode_position, encode_position, items_page_json
from cgraph.events.streams import user_stream
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.models import ForumAccess
from cgraph.forums.policies import MODERATORS, ForumRole
from cgraph.moderation.bans import queries
from cgraph.moderation.bans.models import (
    Ban,
    BanDraft,
    Banned,
    BanTold,
    Candidate,
    Unbanned,
)
from cgraph.moderation.errors import InvalidBan
from cgraph.moderation.targets.models import ForumName
from cgraph.realtime.announcements import record_event
from cgraph.realtime.lost_access import end_unreadable_subscriptions


async def ban_user(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, draft: BanDraft
) -> Ban:
    """Raises ForumNotFound, NotAllowed, UserNotFound, InvalidBan."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    return await ban(tx, place=place, by=caller.id, user_id=user_id, draft=draft)


async def unban_user(tx: Transaction, *, caller: Caller, slug: str, user_id: UUID) -> None:
    """Raises ForumNotFound, NotAllowed, UserNotFound."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    found = await queries.candidate(tx, forum_id=place.id, user_id=user_id)
    if found is None:
        raise UserNotFound
    if user_id == caller.id or (found.role in MODERATORS and place.role is not ForumRole.OWNER):
        raise NotAllowed("Only the owner lifts a moderator's ban")
    await lift(tx, place=place, by=caller.id, user_id=user_id)


async def list_bans(
    tx: Transaction, *, caller: Caller, slug: str, cursor: str | None, limit: int
) -> str:
    """A page of Ban, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    place = await access_forum(tx, slug=slug, caller=caller)
    scope = f"bans:{place.id}"
    below = queries.LATEST if cursor is None else decode_position(scope, cursor)
    items = await queries.bans_in(
        tx, forum_id=place.id, below=below, limit=limit + 1, now=clock.now()
    )
    last = items[limit - 1] if len(items) > limit else None
    more = encode_position(scope, (last.created_at, last.user_id)) if last else None
    return items_page_json([item.shown for item in items[:limit]], next=more)


async def ban(
    tx: Transaction, *, place: ForumAccess, by: UUID, user_id: UUID, draft: BanDraft
) -> Ban:
    """Under the lock of the forum's stream. Raises UserNotFound, NotAllowed, InvalidBan."""
    now = clock.now()
    found = await queries.candidate(tx, forum_id=place.id, user_id=user_id)
    _require(found, place=place, oneself=user_id == by, shadow=draft.shadow)
    until = _end(draft, now=now)
    before = await queries.ban_of(tx, forum_id=place.id, user_id=user_id, now=now)
    row = await queries.put(
        tx,
        forum_id=place.id,
        user_id=user_id,
        until=until,
        shadow=draft.shadow,
        reason=draft.reason,
        by=by,
        now=now,
    )
    if not draft.shadow:
        tx.on_commit(end_unreadable_subscriptions, user_id)
    shown = Ban.model_validate_json(row.shown)
    forum = ForumName(id=place.id, slug=place.slug)
    told = Banned(forum=forum, ban=BanTold(until=until, reason=draft.reason))
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action="ban_user",
        target=Subject(kind="user", id=user_id),
        detail={**told.ban.model_dump(mode="json"), "shadow": draft.shadow},
        now=now,
    )
    if not draft.shadow:
        await _tell(tx, "moderation.banned", told, user_id=user_id, now=now)
    elif before is not None and not before.shadow:
        await _tell(tx, "moderation.unbanned", Unbanned(forum=forum), user_id=user_id, now=now)
    return shown


async def lift(
    tx: Transaction, *, place: ForumAccess, by: UUID, user_id: UUID, only: UUID | None = None
) -> None:
    """Under the lock of the forum's stream; what is not there needs no lifting. `only`: this ban,
    not one that came after it.
    """
    now = clock.now()
    found = await queries.ban_of(tx, forum_id=place.id, user_id=user_id, now=now)
    if found is None or only not in (None, found.id):
        return
    await queries.delete(tx, forum_id=place.id, user_id=user_id)
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action="unban_user",
        target=Subject(kind="user", id=user_id),
        detail={"shadow": found.shadow},
        now=now,
    )
    if not found.shadow:
        told = Unbanned(forum=ForumName(id=place.id, slug=place.slug))
        await _tell(tx, "moderation.unbanned", told, user_id=user_id, now=now)


def _require(found: Candidate | None, *, place: ForumAccess, oneself: bool, shadow: bool) -> None:
    if found is None:
        raise UserNotFound
    if oneself:
        raise InvalidBan("Nobody bans themselves")
    if found.role is ForumRole.OWNER:
        raise InvalidBan("The owner of the forum cannot be banned")
    if found.role is ForumRole.MODERATOR and place.role is not ForumRole.OWNER:
        raise NotAllowed("Only the owner bans a moderator")
    if found.role is ForumRole.MODERATOR and shadow:
        raise InvalidBan("A moderator would see the shadow: they are banned openly or not at all")


def _end(draft: BanDraft, *, now: datetime) -> datetime | None:
    if draft.days is not None:
        return now + timedelta(days=draft.days)
    if draft.until is not None and draft.until <= now:
        raise InvalidBan("A ban ends later than it begins")
    return draft.until


async def _tell(
    tx: Transaction, type: str, told: Banned | Unbanned, *, user_id: UUID, now: datetime
) -> None:
    """Their own stream, last of all locks."""
    await record_event(
        tx,
        stream=user_stream(user_id),
        type=type,
        data=told.model_dump(mode="json"),
        audience=[user_id],
        now=now,
    )
