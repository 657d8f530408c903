"""Reports: what somebody finds wrong with a post or comment, gathered in a case each."""

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.moderation.errors import InvalidReport
from cgraph.moderation.reports import queries
from cgraph.moderation.reports.models import Filed, Report, ReportDraft
from cgraph.moderation.reports.rules import report_weight
from cgraph.moderation.targets.actions import access_target, require_there
from cgraph.moderation.targets.models import TargetAccess, TargetKind, TargetRef


async def file_report(tx: Transaction, *, caller: Caller, draft: ReportDraft) -> Filed:
    """Raises PostNotFound, CommentNotFound, PostDeleted, CommentDeleted, InvalidReport."""
    aim = await _access(tx, draft.target, caller=caller)
    target, now = aim.thing.subject, clock.now()
    before = await queries.report_of(tx, target=target.id, reporter=caller.id)
    if before is not None:
        return Filed(Report(target=target, **before.model_dump()), replayed=True)
    require_there(aim.thing)
    if aim.thing.author_id == caller.id:
        raise InvalidReport
    record = await queries.reporter_record(tx, user_id=caller.id)
    is_new = await queries.file(
        tx,
        forum_id=aim.place.id,
        target=target,
        reporter=caller.id,
        weight=report_weight(record),
        reason=draft.reason,
        note=draft.note,
        case_id=ids.uuid7(now),
        now=now,
    )
    report = await queries.report_of(tx, target=target.id, reporter=caller.id)
    assert report is not None, "it is this one, or another that came first"
    return Filed(Report(target=target, **report.model_dump()), replayed=not is_new)


async def _access(tx: Transaction, target: TargetRef, *, caller: Caller) -> TargetAccess:
    kind, id = target.kind, target.id
    if kind is TargetKind.POST:
        return await access_target(tx, kind=kind, id=id, caller=caller, not_found=PostNotFound)
    return await access_target(tx, kind=kind, id=id, caller=caller, not_found=CommentNotFound)
