"""Cases: a moderator claims a case for a while and resolves it once.

The API calls a case a report: moderators handle all reports of one post or comment together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import END_OF_TIME, FIRST_ID, LAST_ID, decode_cursor, page_json
from cgraph.forums.access import access_forum, access_forum_by_id
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import Withheld
from cgraph.forums.rules import require_other_case, require_rank_over
from cgraph.moderation.approvals.actions import approve_target
from cgraph.moderation.bans.actions import apply_ban
from cgraph.moderation.bans.models import BanDraft
from cgraph.moderation.cases import queries
from cgraph.moderation.cases.models import (
    BanTerms,
    CaseAction,
    CaseJSON,
    CaseResolution,
    CaseRow,
    CaseState,
    ReportCase,
)
from cgraph.moderation.errors import (
    AlreadyResolved,
    AwaitsApproval,
    NotClaimed,
    ReportClaimed,
    ReportNotFound,
)
from cgraph.moderation.removals.actions import remove_target
from cgraph.moderation.targets.actions import select_target_for_update
from cgraph.moderation.targets.models import Target, TargetAccess
from cgraph.moderation.warnings.actions import issue_warning

CLAIM_DURATION = timedelta(minutes=15)
HIGHEST_PRIORITY = 2**31 - 1


async def list_forum_reports(
    tx: Transaction, *, caller: Caller, slug: str, state: CaseState, cursor: str | None, limit: int
) -> str:
    """A page of ReportCase, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"reports:{forum.id}:{state}"
    return await _list_cases(tx, [forum.id], scope=scope, state=state, cursor=cursor, limit=limit)


async def list_reports(
    tx: Transaction, *, caller: Caller, state: CaseState, cursor: str | None, limit: int
) -> str:
    """A page of ReportCase, of all forums that the caller moderates, as JSON.

    Raises InvalidCursor.
    """
    forum_ids = await queries.moderated_forum_ids(tx, user_id=caller.id)
    scope = f"reports:{caller.id}:{state}"
    return await _list_cases(tx, forum_ids, scope=scope, state=state, cursor=cursor, limit=limit)


async def show_report(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """A ReportCaseDetail, as JSON. Raises ReportNotFound, NotAllowed."""
    await _access_case(tx, id=id, caller=caller)
    return await queries.case_detail_json(tx, id=id, now=clock.now())


async def claim_report(tx: Transaction, *, caller: Caller, id: UUID) -> ReportCase:
    """Raises ReportNotFound, NotAllowed, OwnCase, AlreadyResolved, ReportClaimed."""
    case = await _access_case(tx, id=id, caller=caller)
    require_other_case(judge=caller.id, user_id=case.author_id)
    now = clock.now()
    if not await queries.claim_case(tx, id=id, by=caller.id, until=now + CLAIM_DURATION, now=now):
        case = await _access_case(tx, id=id, caller=caller)
        _require_unclaimed(case, caller=caller, now=now)
    return ReportCase.model_validate_json(await queries.case_json(tx, id=id, now=now))


async def release_report(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Leaves the claim of another moderator as it is. Raises ReportNotFound, NotAllowed,
    NotClaimed.
    """
    await _access_case(tx, id=id, caller=caller)
    if not await queries.release_case(tx, id=id, by=caller.id, now=clock.now()):
        raise NotClaimed


async def resolve_report(
    tx: Transaction, *, caller: Caller, id: UUID, resolution: CaseResolution
) -> ReportCase:
    """Raises ReportNotFound, NotAllowed, OwnCase, HigherRank, AlreadyResolved, ReportClaimed,
    PostMoved, InvalidBan, AwaitsApproval, NotWithheld.
    """
    access = await _select_target_for_update(tx, id=id, caller=caller)
    require_other_case(judge=caller.id, user_id=access.target.author_id)
    now = clock.now()
    _require_unclaimed(await queries.case_row(tx, id=id), caller=caller, now=now)
    _require_applicable(resolution, access.target)
    if not await queries.resolve_case(
        tx, id=id, by=caller.id, action=resolution.action, note=resolution.note, now=now
    ):
        raise AlreadyResolved
    about = access.target.subject.model_dump(mode="json")
    await audit.record(
        tx,
        forum_id=access.forum.id,
        actor=caller.id,
        action="resolve_report",
        target=EntityRef(kind="report", id=id),
        detail={"action": resolution.action, "about": about},
        now=now,
    )
    await _carry_out(tx, access, resolution=resolution, by=caller.id, now=now)
    return ReportCase.model_validate_json(await queries.case_json(tx, id=id, now=now))


async def _carry_out(
    tx: Transaction, access: TargetAccess, *, resolution: CaseResolution, by: UUID, now: datetime
) -> None:
    target, note = access.target, resolution.note
    if resolution.action is CaseAction.APPROVE:
        await approve_target(tx, access, by=by)
    if resolution.action in (CaseAction.REMOVE, CaseAction.BAN) and target.deleted_at is None:
        await remove_target(tx, access, by=by, reason=note)
    if resolution.action is CaseAction.BAN:
        terms = resolution.ban or BanTerms()
        draft = BanDraft(days=terms.days, shadow=terms.shadow, reason=note)
        await apply_ban(tx, forum=access.forum, by=by, user_id=target.author_id, draft=draft)
    if resolution.action is CaseAction.WARN:
        require_rank_over(access.forum.role, person=target.author_role)
        await issue_warning(
            tx,
            forum=access.forum,
            by=by,
            user_id=target.author_id,
            reason=note,
            target=target.subject,
            now=now,
        )


def _require_applicable(resolution: CaseResolution, target: Target) -> None:
    """Raises AwaitsApproval where the decision would leave the text waiting."""
    is_undecided = resolution.action in (CaseAction.DISMISS, CaseAction.WARN)
    is_there = target.deleted_at is None and target.removed_at is None
    if is_undecided and is_there and target.withheld is Withheld.APPROVAL:
        raise AwaitsApproval


async def _list_cases(
    tx: Transaction,
    forum_ids: Sequence[UUID],
    *,
    scope: str,
    state: CaseState,
    cursor: str | None,
    limit: int,
) -> str:
    now = clock.now()
    if state is CaseState.RESOLVED:
        below = END_OF_TIME, LAST_ID
        if cursor is not None:
            below = tuple(decode_cursor(scope, cursor, datetime, UUID))
        rows = await queries.list_resolved_cases(
            tx, forum_ids=forum_ids, below=below, limit=limit + 1, now=now
        )
    else:
        after = HIGHEST_PRIORITY, FIRST_ID
        if cursor is not None:
            after = tuple(decode_cursor(scope, cursor, int, UUID))
        rows = await queries.list_unresolved_cases(
            tx,
            forum_ids=forum_ids,
            claimed=state is CaseState.CLAIMED,
            after=after,
            limit=limit + 1,
            now=now,
        )
    return page_json(rows, limit=limit, scope=scope, position=_position)


def _position(row: CaseJSON) -> tuple[datetime | int, UUID]:
    return row.priority if row.resolved_at is None else row.resolved_at, row.id


async def _access_case(tx: Transaction, *, id: UUID, caller: Caller) -> CaseRow:
    """Raises ReportNotFound, NotAllowed."""
    case = await queries.case_row(tx, id=id)
    if case is None:
        raise ReportNotFound
    await access_forum_by_id(tx, id=case.forum_id, caller=caller, not_found=ReportNotFound)
    return case


async def _select_target_for_update(tx: Transaction, *, id: UUID, caller: Caller) -> TargetAccess:
    """Locks what the case is about. Raises ReportNotFound, NotAllowed, PostMoved."""
    case = await queries.case_row(tx, id=id)
    if case is None:
        raise ReportNotFound
    return await select_target_for_update(
        tx, kind=case.target_kind, id=case.target_id, caller=caller, not_found=ReportNotFound
    )


def _require_unclaimed(case: CaseRow | None, *, caller: Caller, now: datetime) -> None:
    """Raises AlreadyResolved; ReportClaimed where another moderator has claimed it."""
    assert case is not None, "cases are never deleted"
    if case.resolved_at is not None:
        raise AlreadyResolved
    if case.claimed_until is None or case.claimed_until <= now or case.claimed_by == caller.id:
        return
    until = clock.rfc3339(case.claimed_until)
    raise ReportClaimed(
        f"{case.claimed_by_username} has claimed the report until {until}",
        retry_after=(case.claimed_until - now).total_seconds(),
    )
