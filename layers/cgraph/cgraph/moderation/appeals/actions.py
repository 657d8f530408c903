"""Appeals: a user asks the moderators once to lift a ban, or a removal of what the user wrote."""

from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.forums.access import access_forum, access_forum_by_id, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.errors import OwnCase
from cgraph.forums.models import ForumAccess
from cgraph.moderation.appeals import queries
from cgraph.moderation.appeals.models import (
    Appeal,
    AppealDecision,
    AppealDraft,
    AppealResolution,
    AppealRow,
    AppealState,
    CreatedAppeal,
)
from cgraph.moderation.bans.actions import lift_ban
from cgraph.moderation.bans.actions import require_judge as require_judge_of_person
from cgraph.moderation.errors import (
    AlreadyAppealed,
    AlreadyResolved,
    AppealNotFound,
    NothingToAppeal,
)
from cgraph.moderation.removals.actions import restore_target
from cgraph.moderation.targets.actions import require_judge, select_target_for_update
from cgraph.moderation.targets.models import TargetAccess
from cgraph.realtime.notices import notify_user


async def make_appeal(tx: Transaction, *, caller: Caller, draft: AppealDraft) -> CreatedAppeal:
    """Raises NothingToAppeal, AlreadyAppealed."""
    now = clock.now()
    action = await queries.appealable_action(tx, user_id=caller.id, target=draft.against, now=now)
    if action is None:
        raise NothingToAppeal
    is_new = await queries.insert_appeal(
        tx, id=ids.uuid7(now), action=action, user_id=caller.id, content=draft.content, now=now
    )
    row = await queries.appeal_json(tx, subject_id=action.id)
    if row.content != draft.content:
        raise AlreadyAppealed
    return CreatedAppeal(Appeal.model_validate_json(row.json), replayed=not is_new)


async def list_appeals(
    tx: Transaction,
    *,
    caller: Caller,
    slug: str,
    state: AppealState,
    cursor: str | None,
    limit: int,
) -> str:
    """A page of Appeal, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"appeals:{forum.id}:{state}"
    (after,) = (FIRST_ID,) if cursor is None else decode_cursor(scope, cursor, UUID)
    rows = await queries.list_appeals(
        tx, forum_id=forum.id, state=state, after=after, limit=limit + 1
    )
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.id,))


async def resolve_appeal(
    tx: Transaction, *, caller: Caller, id: UUID, resolution: AppealResolution
) -> Appeal:
    """Raises AppealNotFound, NotAllowed, OwnCase, HigherRank, AlreadyResolved, PostMoved."""
    row = await queries.appeal_row(tx, id=id)
    if row is None:
        raise AppealNotFound
    forum, target_access = await _lock(tx, row, caller=caller)
    await _require_resolvable(tx, id=id, forum=forum, target_access=target_access, caller=caller)
    if resolution.decision is AppealDecision.ACCEPT:
        await _undo(tx, row, forum=forum, target_access=target_access, by=caller.id)
    now = clock.now()
    await queries.resolve_appeal(
        tx,
        id=id,
        state=resolution.decision.state,
        note=resolution.note,
        by=caller.id,
        now=now,
    )
    await _audit(tx, forum, id=id, resolution=resolution, by=caller.id, now=now)
    resolved = await queries.appeal_json(tx, subject_id=row.subject_id)
    appeal = Appeal.model_validate_json(resolved.json)
    await _notify_user(tx, appeal, user_id=row.user_id, now=now)
    return appeal


async def _lock(
    tx: Transaction, row: AppealRow, *, caller: Caller
) -> tuple[ForumAccess, TargetAccess | None]:
    """Locks the forum, and the post of a removal. Returns the removal's target, None for a ban.

    Raises AppealNotFound, NotAllowed, PostMoved.
    """
    if row.target_kind is not None and row.target_id is not None:
        access = await select_target_for_update(
            tx,
            kind=row.target_kind,
            id=row.target_id,
            caller=caller,
            not_found=AppealNotFound,
        )
        return access.forum, access
    await access_forum_by_id(tx, id=row.forum_id, caller=caller, not_found=AppealNotFound)
    return await lock_forum(tx, slug=row.slug, caller=caller), None


async def _require_resolvable(
    tx: Transaction,
    *,
    id: UUID,
    forum: ForumAccess,
    target_access: TargetAccess | None,
    caller: Caller,
) -> None:
    """A moderator may not resolve an appeal of their own, nor, if the forum has another moderator,
    one against their own ban or removal. Raises AlreadyResolved, OwnCase, HigherRank.
    """
    row = await queries.appeal_row(tx, id=id)
    assert row is not None, "appeals are never deleted"
    if row.state is not AppealState.OPEN:
        raise AlreadyResolved
    if target_access is not None:
        require_judge(target_access, judge=caller.id)
    else:
        await require_judge_of_person(tx, forum=forum, by=caller.id, user_id=row.user_id)
    if caller.id == row.acted_by and await queries.count_other_moderators(
        tx, forum_id=forum.id, excluded=[row.acted_by, row.user_id]
    ):
        raise OwnCase("Another moderator must decide an appeal against your own action")


async def _undo(
    tx: Transaction,
    row: AppealRow,
    *,
    forum: ForumAccess,
    target_access: TargetAccess | None,
    by: UUID,
) -> None:
    if target_access is not None:
        await restore_target(tx, target_access, by=by, removal_id=row.subject_id)
    else:
        await lift_ban(tx, forum=forum, by=by, user_id=row.user_id, ban_id=row.subject_id)


async def _audit(
    tx: Transaction,
    forum: ForumAccess,
    *,
    id: UUID,
    resolution: AppealResolution,
    by: UUID,
    now: datetime,
) -> None:
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=by,
        action=f"{resolution.decision}_appeal",
        target=EntityRef(kind="appeal", id=id),
        detail={"note": resolution.note},
        now=now,
    )


async def _notify_user(tx: Transaction, appeal: Appeal, *, user_id: UUID, now: datetime) -> None:
    """In the user's own stream, which is always locked last; without the removed text."""
    payload = appeal.model_copy(update={"target": None}).model_dump(mode="json")
    await notify_user(
        tx, user_id=user_id, type="appeal.resolved", data={"appeal": payload}, now=now
    )
