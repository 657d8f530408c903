"""Cases: one moderator claims one for a while, and resolves it once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import (
    decode_cursor,
    decode_position,
    encode_cursor,
    encode_position,
    items_page_json,
)
from cgraph.forums.access import access_forum, access_forum_by_id
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.moderation.bans.actions import ban
from cgraph.moderation.bans.models import BanDraft
from cgraph.moderation.cases import queries
from cgraph.moderation.cases.models import (
    BanTerms,
    Case,
    CaseAction,
    CaseRow,
    CaseState,
    ListedCase,
    Resolution,
)
from cgraph.moderation.errors import AlreadyResolved, ReportClaimed, ReportNotFound
from cgraph.moderation.removals.actions import remove
from cgraph.moderation.targets.actions import lock_target
from cgraph.moderation.targets.models import TargetAccess
from cgraph.moderation.warnings.actions import warn

LEASE = timedelta(minutes=15)
MOST_PRESSING = (2**31 - 1, UUID(int=0))
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def list_forum_reports(
    tx: Transaction, *, caller: Caller, slug: str, state: CaseState, cursor: str | None, limit: int
) -> str:
    """A page of Case, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    place = await access_forum(tx, slug=slug, caller=caller)
    scope = f"reports:{place.id}:{state}"
    return await _page(tx, [place.id], scope=scope, state=state, cursor=cursor, limit=limit)


async def list_reports(
    tx: Transaction, *, caller: Caller, state: CaseState, cursor: str | None, limit: int
) -> str:
    """A page of Case of all forums they moderate, as JSON. Raises InvalidCursor."""
    forums = await queries.moderated_by(tx, user_id=caller.id)
    scope = f"reports:{caller.id}:{state}"
    return await _page(tx, forums, scope=scope, state=state, cursor=cursor, limit=limit)


async def claim_report(tx: Transaction, *, caller: Caller, id: UUID) -> Case:
    """Again prolongs it. Raises ReportNotFound, NotAllowed, AlreadyResolved, ReportClaimed."""
    await _access(tx, id=id, caller=caller)
    now = clock.now()
    if not await queries.claim(tx, id=id, by=caller.id, until=now + LEASE, now=now):
        _require_mine(await _access(tx, id=id, caller=caller), caller=caller, now=now)
    return Case.model_validate_json(await queries.show(tx, id=id, now=now))


async def release_report(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Somebody else's stays theirs. Raises ReportNotFound, NotAllowed."""
    await _access(tx, id=id, caller=caller)
    await queries.release(tx, id=id, by=caller.id)


async def resolve_report(
    tx: Transaction, *, caller: Caller, id: UUID, resolution: Resolution
) -> Case:
    """Raises ReportNotFound, NotAllowed, AlreadyResolved, ReportClaimed, PostMoved, InvalidBan."""
    found = await queries.case_row(tx, id=id)
    if found is None:
        raise ReportNotFound
    aim = await lock_target(
        tx, kind=found.target_kind, id=found.target_id, caller=caller, not_found=ReportNotFound
    )
    now = clock.now()
    _require_mine(await queries.case_row(tx, id=id), caller=caller, now=now)
    note = resolution.note
    if not await queries.resolve(
        tx, id=id, by=caller.id, action=resolution.action, note=note, now=now
    ):
        raise AlreadyResolved
    await audit.record(
        tx,
        forum_id=aim.place.id,
        actor=caller.id,
        action="resolve_report",
        target=Subject(kind="report", id=id),
        detail={"action": resolution.action, "about": aim.thing.subject.model_dump(mode="json")},
        now=now,
    )
    await _act(tx, aim, resolution=resolution, by=caller.id, now=now)
    return Case.model_validate_json(await queries.show(tx, id=id, now=now))


async def _act(
    tx: Transaction, aim: TargetAccess, *, resolution: Resolution, by: UUID, now: datetime
) -> None:
    author, note = aim.thing.author_id, resolution.note
    if resolution.action in (CaseAction.REMOVE, CaseAction.BAN) and aim.thing.deleted_at is None:
        await remove(tx, aim, by=by, reason=note)
    if resolution.action is CaseAction.BAN:
        terms = resolution.ban or BanTerms()
        draft = BanDraft(days=terms.days, shadow=terms.shadow, reason=note)
        await ban(tx, place=aim.place, by=by, user_id=author, draft=draft)
    if resolution.action is CaseAction.WARN:
        await warn(
            tx,
            place=aim.place,
            by=by,
            user_id=author,
            reason=note,
            target=aim.thing.subject,
            now=now,
        )


async def _page(
    tx: Transaction,
    forums: Sequence[UUID],
    *,
    scope: str,
    state: CaseState,
    cursor: str | None,
    limit: int,
) -> str:
    now = clock.now()
    if state is CaseState.RESOLVED:
        below = LATEST if cursor is None else decode_position(scope, cursor)
        items = await queries.resolved(tx, forums=forums, below=below, limit=limit + 1, now=now)
    else:
        items = await queries.unresolved(
            tx,
            forums=forums,
            claimed=state is CaseState.CLAIMED,
            after=MOST_PRESSING if cursor is None else _rank(scope, cursor),
            limit=limit + 1,
            now=now,
        )
    more = _place_of(items[limit - 1], scope) if len(items) > limit else None
    return items_page_json([item.shown for item in items[:limit]], next=more)


def _place_of(case: ListedCase, scope: str) -> str:
    if case.resolved_at is not None:
        return encode_position(scope, (case.resolved_at, case.id))
    return encode_cursor(scope, case.priority, str(case.id))


def _rank(scope: str, cursor: str) -> tuple[int, UUID]:
    priority, id = decode_cursor(scope, cursor, int, str)
    try:
        return int(priority), UUID(str(id))
    except ValueError:
        raise InvalidCursor from None


async def _access(tx: Transaction, *, id: UUID, caller: Caller) -> CaseRow:
    found = await queries.case_row(tx, id=id)
    if found is None:
        raise ReportNotFound
    await access_forum_by_id(tx, id=found.forum_id, caller=caller, not_found=ReportNotFound)
    return found


def _require_mine(case: CaseRow | None, *, caller: Caller, now: datetime) -> None:
    """Raises AlreadyResolved, ReportClaimed."""
    assert case is not None, "cases are kept"
    if case.resolved_at is not None:
        raise AlreadyResolved
    if case.claimed_until is None or case.claimed_until <= now or case.claimed_by == caller.id:
        return
    raise ReportClaimed(
        f"{case.claimant} has claimed the report until {clock.rfc3339(case.claimed_until)}",
        retry_after=(case.claimed_until - now).total_seconds(),
    )
