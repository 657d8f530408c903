"""Reports of posts and comments. All open reports of one target are one case."""

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.errors import CommentNotFound, PostNotFound
from cgraph.moderation.errors import InvalidReport
from cgraph.moderation.reports import queries
from cgraph.moderation.reports.models import FiledReport, Report, ReportDraft
from cgraph.moderation.reports.rules import report_weight
from cgraph.moderation.targets.actions import access_target, require_not_deleted
from cgraph.moderation.targets.models import TargetAccess, TargetKind, TargetRef


async def file_report(tx: Transaction, *, caller: Caller, draft: ReportDraft) -> FiledReport:
    """Raises PostNotFound, CommentNotFound, PostDeleted, CommentDeleted, InvalidReport."""
    access = await _access_target(tx, draft.target, caller=caller)
    subject, now = access.target.subject, clock.now()
    earlier, record = await queries.reports_by(tx, target_id=subject.id, reporter=caller.id)
    if earlier is not None:
        await queries.keep_evidence(tx, target_id=subject.id, now=now)
        return FiledReport(Report(target=subject, **earlier.model_dump()), replayed=True)
    require_not_deleted(access.target)
    if access.target.author_id == caller.id:
        raise InvalidReport
    is_new = await queries.file_report(
        tx,
        forum_id=access.forum.id,
        target=subject,
        reporter=caller.id,
        weight=report_weight(record),
        reason=draft.reason,
        note=draft.note,
        case_id=ids.uuid7(now),
        now=now,
    )
    if is_new:
        report = Report(target=subject, reason=draft.reason, note=draft.note, created_at=now)
        return FiledReport(report, replayed=False)
    filed, _ = await queries.reports_by(tx, target_id=subject.id, reporter=caller.id)
    assert filed is not None, "the caller filed it at the same time"
    return FiledReport(Report(target=subject, **filed.model_dump()), replayed=True)


async def _access_target(tx: Transaction, ref: TargetRef, *, caller: Caller) -> TargetAccess:
    """Raises PostNotFound, CommentNotFound, NotAllowed."""
    kind, id = ref.kind, ref.id
    if kind is TargetKind.POST:
        return await access_target(tx, kind=kind, id=id, caller=caller, not_found=PostNotFound)
    return await access_target(tx, kind=kind, id=id, caller=caller, not_found=CommentNotFound)
