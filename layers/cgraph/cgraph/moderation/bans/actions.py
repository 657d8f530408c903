"""Bans from a forum: for a time or permanent, known to the user or as a shadow ban."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cgraph.accounts.errors import UserNotFound
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import END_OF_TIME, LAST_ID, decode_cursor, page_json
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import ForumAccess
from cgraph.forums.policies import ForumRole
from cgraph.forums.rules import require_other_case, require_rank_over
from cgraph.moderation.bans import queries
from cgraph.moderation.bans.models import (
    Ban,
    BanCandidate,
    BanDraft,
    BanNotice,
    ImposedBan,
    UserBanned,
    UserUnbanned,
)
from cgraph.moderation.errors import InvalidBan, NotBanned, StillBanned
from cgraph.moderation.texts.actions import remove_texts_of, restore_texts_of
from cgraph.moderation.texts.models import TextsRemovalDraft, TextsRemoved, TextsRestored
from cgraph.realtime.lost_access import end_unreadable_subscriptions
from cgraph.realtime.notices import notify_user


async def ban_user(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, draft: BanDraft
) -> ImposedBan:
    """Raises ForumNotFound, NotAllowed, UserNotFound, OwnCase, HigherRank, InvalidBan."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    await require_judge(tx, forum=forum, by=caller.id, user_id=user_id)
    removal = None
    if draft.remove is not None:
        removal = await remove_texts_of(
            tx, forum, caller=caller, user_id=user_id, written=draft.remove, reason=draft.reason
        )
    ban = await apply_ban(tx, forum=forum, by=caller.id, user_id=user_id, draft=draft)
    return ImposedBan(**ban.model_dump(), removal=removal)


async def unban_user(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, restore: bool
) -> TextsRestored:
    """Raises ForumNotFound, NotAllowed, UserNotFound, OwnCase, HigherRank, NotBanned."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    await require_judge(tx, forum=forum, by=caller.id, user_id=user_id)
    if await queries.ban_of(tx, forum_id=forum.id, user_id=user_id, now=clock.now()) is None:
        raise NotBanned
    restored = TextsRestored(restored=0, votes=0, more=False)
    if restore:
        restored = await restore_texts_of(
            tx, forum, caller=caller, user_id=user_id, lift_removals=True
        )
    await lift_ban(tx, forum=forum, by=caller.id, user_id=user_id)
    return restored


async def remove_texts(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID, draft: TextsRemovalDraft
) -> TextsRemoved:
    """Of a banned user. Raises ForumNotFound, NotAllowed, UserNotFound, OwnCase, HigherRank,
    NotBanned.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    await require_judge(tx, forum=forum, by=caller.id, user_id=user_id)
    ban = await queries.ban_of(tx, forum_id=forum.id, user_id=user_id, now=clock.now())
    if ban is None or ban.shadow:
        raise NotBanned
    return await remove_texts_of(
        tx, forum, caller=caller, user_id=user_id, written=draft.written, reason=draft.reason
    )


async def restore_texts(
    tx: Transaction, *, caller: Caller, slug: str, user_id: UUID
) -> TextsRestored:
    """Of a user who is not under a shadow ban. What was removed with a ban stays removed until the
    ban is over. Raises ForumNotFound, NotAllowed, UserNotFound, OwnCase, HigherRank, StillBanned.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    await require_judge(tx, forum=forum, by=caller.id, user_id=user_id)
    ban = await queries.ban_of(tx, forum_id=forum.id, user_id=user_id, now=clock.now())
    if ban is not None and ban.shadow:
        raise StillBanned
    return await restore_texts_of(
        tx, forum, caller=caller, user_id=user_id, lift_removals=ban is None
    )


async def list_bans(
    tx: Transaction, *, caller: Caller, slug: str, cursor: str | None, limit: int
) -> str:
    """A page of Ban, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"bans:{forum.id}"
    below = END_OF_TIME, LAST_ID
    if cursor is not None:
        below = tuple(decode_cursor(scope, cursor, datetime, UUID))
    rows = await queries.list_bans(
        tx, forum_id=forum.id, below=below, limit=limit + 1, now=clock.now()
    )
    return page_json(
        rows, limit=limit, scope=scope, position=lambda row: (row.created_at, row.user_id)
    )


async def apply_ban(
    tx: Transaction, *, forum: ForumAccess, by: UUID, user_id: UUID, draft: BanDraft
) -> Ban:
    """The caller has locked the forum. Raises UserNotFound, OwnCase, HigherRank, InvalidBan."""
    now = clock.now()
    candidate = await require_judge(tx, forum=forum, by=by, user_id=user_id)
    if candidate.role is ForumRole.MODERATOR and draft.shadow:
        raise InvalidBan("A moderator would see a shadow ban: use an ordinary ban")
    until = _end_of(draft, now=now)
    replaced = await queries.ban_of(tx, forum_id=forum.id, user_id=user_id, now=now)
    row = await queries.upsert_ban(
        tx,
        forum_id=forum.id,
        user_id=user_id,
        until=until,
        shadow=draft.shadow,
        reason=draft.reason,
        by=by,
        now=now,
    )
    notice = BanNotice(until=until, reason=draft.reason)
    detail = {**notice.model_dump(mode="json"), "shadow": draft.shadow}
    await _audit(tx, forum, action="ban_user", by=by, user_id=user_id, detail=detail, now=now)
    if not draft.shadow:
        tx.on_commit(end_unreadable_subscriptions, user_id)
        data = UserBanned(forum=forum.ref, ban=notice).model_dump(mode="json")
        await notify_user(tx, user_id=user_id, type="moderation.banned", data=data, now=now)
    elif replaced is not None and not replaced.shadow:
        await _notify_unbanned(tx, forum, user_id=user_id, now=now)
    return Ban.model_validate_json(row.json)


async def lift_ban(
    tx: Transaction, *, forum: ForumAccess, by: UUID, user_id: UUID, ban_id: UUID | None = None
) -> bool:
    """Returns False if the user is not banned. The caller has locked the forum.

    `ban_id`: lifts this ban only, not a later one. Raises UserNotFound, OwnCase, HigherRank.
    """
    await require_judge(tx, forum=forum, by=by, user_id=user_id)
    now = clock.now()
    in_force = await queries.ban_of(tx, forum_id=forum.id, user_id=user_id, now=now)
    if in_force is None or ban_id not in (None, in_force.id):
        return False
    await queries.delete_ban(tx, forum_id=forum.id, user_id=user_id)
    detail = {"shadow": in_force.shadow}
    await _audit(tx, forum, action="unban_user", by=by, user_id=user_id, detail=detail, now=now)
    if not in_force.shadow:
        await _notify_unbanned(tx, forum, user_id=user_id, now=now)
    return True


async def require_judge(
    tx: Transaction, *, forum: ForumAccess, by: UUID, user_id: UUID
) -> BanCandidate:
    """Before a moderator acts against a person, or for them. Raises UserNotFound, OwnCase,
    HigherRank.
    """
    candidate = await queries.ban_candidate(tx, forum_id=forum.id, user_id=user_id)
    if candidate is None:
        raise UserNotFound
    require_other_case(judge=by, user_id=user_id)
    require_rank_over(forum.role, person=candidate.role)
    return candidate


def _end_of(draft: BanDraft, *, now: datetime) -> datetime | None:
    """Raises InvalidBan."""
    if draft.days is not None:
        return now + timedelta(days=draft.days)
    if draft.until is not None and draft.until <= now:
        raise InvalidBan("The end of a ban must be in the future")
    return draft.until


async def _audit(
    tx: Transaction,
    forum: ForumAccess,
    *,
    action: str,
    by: UUID,
    user_id: UUID,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=by,
        action=action,
        target=EntityRef(kind="user", id=user_id),
        detail=detail,
        now=now,
    )


async def _notify_unbanned(
    tx: Transaction, forum: ForumAccess, *, user_id: UUID, now: datetime
) -> None:
    data = UserUnbanned(forum=forum.ref).model_dump(mode="json")
    await notify_user(tx, user_id=user_id, type="moderation.unbanned", data=data, now=now)
