"""Appeals: whoever was banned, or whose post or comment was removed, asks once for another look."""

from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidCursor, NotAllowed
from cgraph.core.pagination import decode_cursor, encode_cursor, items_page_json
from cgraph.events.streams import user_stream
from cgraph.forums.access import access_forum, access_forum_by_id, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.models import ForumAccess
from cgraph.moderation.appeals import queries
from cgraph.moderation.appeals.models import (
    Appeal,
    AppealDraft,
    Appealed,
    AppealRow,
    AppealState,
    Decided,
    Decision,
    Verdict,
)
from cgraph.moderation.bans.actions import lift
from cgraph.moderation.errors import (
    AlreadyAppealed,
    AlreadyResolved,
    AppealNotFound,
    NothingToAppeal,
)
from cgraph.moderation.removals.actions import restore
from cgraph.moderation.targets.actions import lock_target
from cgraph.moderation.targets.models import TargetAccess
from cgraph.realtime.announcements import record_event


async def make_appeal(tx: Transaction, *, caller: Caller, draft: AppealDraft) -> Appealed:
    """Raises NothingToAppeal, AlreadyAppealed."""
    against, now = draft.against, clock.now()
    done = await queries.done_to(tx, user_id=caller.id, kind=against.kind, id=against.id, now=now)
    if done is None:
        raise NothingToAppeal
    is_new = await queries.insert(
        tx, id=ids.uuid7(now), done=done, user_id=caller.id, content=draft.content, now=now
    )
    row = await queries.against(tx, subject_id=done.id)
    if row.content != draft.content:
        raise AlreadyAppealed
    return Appealed(Appeal.model_validate_json(row.shown), replayed=not is_new)


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
    place = await access_forum(tx, slug=slug, caller=caller)
    scope = f"appeals:{place.id}:{state}"
    after = UUID(int=0) if cursor is None else _position(scope, cursor)
    items = await queries.appeals_in(
        tx, forum_id=place.id, state=state, after=after, limit=limit + 1
    )
    more = encode_cursor(scope, str(items[limit - 1].id)) if len(items) > limit else None
    return items_page_json([item.shown for item in items[:limit]], next=more)


async def resolve_appeal(
    tx: Transaction, *, caller: Caller, id: UUID, decision: Decision
) -> Appeal:
    """Raises AppealNotFound, NotAllowed, AlreadyResolved, PostMoved."""
    found = await queries.appeal_row(tx, id=id)
    if found is None:
        raise AppealNotFound
    place, aim = await _lock(tx, found, caller=caller)
    await _require_undecided(tx, id=id, place=place, caller=caller)
    if decision.decision is Verdict.ACCEPT:
        await _undo(tx, found, place=place, aim=aim, by=caller.id)
    now = clock.now()
    accepted = decision.decision is Verdict.ACCEPT
    state = AppealState.ACCEPTED if accepted else AppealState.REJECTED
    decided = Decided(state, note=decision.note, by=caller.id, at=now)
    await queries.decide(tx, id=id, decided=decided)
    await audit.record(
        tx,
        forum_id=place.id,
        actor=caller.id,
        action=f"{decision.decision}_appeal",
        target=Subject(kind="appeal", id=id),
        detail={"note": decision.note},
        now=now,
    )
    row = await queries.against(tx, subject_id=found.subject_id)
    appeal = Appeal.model_validate_json(row.shown)
    await record_event(
        tx,
        stream=user_stream(found.user_id),
        type="appeal.resolved",
        data={"appeal": appeal.model_copy(update={"thing": None}).model_dump(mode="json")},
        audience=[found.user_id],
        now=now,
    )
    return appeal


async def _lock(
    tx: Transaction, found: AppealRow, *, caller: Caller
) -> tuple[ForumAccess, TargetAccess | None]:
    if found.target_kind is not None and found.target_id is not None:
        aim = await lock_target(
            tx,
            kind=found.target_kind,
            id=found.target_id,
            caller=caller,
            not_found=AppealNotFound,
        )
        return aim.place, aim
    await access_forum_by_id(tx, id=found.forum_id, caller=caller, not_found=AppealNotFound)
    return await lock_forum(tx, slug=found.slug, caller=caller), None


async def _require_undecided(
    tx: Transaction, *, id: UUID, place: ForumAccess, caller: Caller
) -> None:
    """By somebody who may: neither by whoever appealed nor, where there is another moderator, by
    the one who acted.
    """
    found = await queries.appeal_row(tx, id=id)
    assert found is not None, "appeals are kept"
    if found.state is not AppealState.OPEN:
        raise AlreadyResolved
    if caller.id == found.user_id:
        raise NotAllowed("Nobody decides their own appeal")
    if caller.id == found.acted_by and await queries.other_moderators(
        tx, forum_id=place.id, but=[found.acted_by, found.user_id]
    ):
        raise NotAllowed("Another moderator than the one who acted decides")


async def _undo(
    tx: Transaction, found: AppealRow, *, place: ForumAccess, aim: TargetAccess | None, by: UUID
) -> None:
    if aim is not None:
        await restore(tx, aim, by=by, only=found.subject_id)
    else:
        await lift(tx, place=place, by=by, user_id=found.user_id, only=found.subject_id)


def _position(scope: str, cursor: str) -> UUID:
    (id,) = decode_cursor(scope, cursor, str)
    try:
        return UUID(str(id))
    except ValueError:
        raise InvalidCursor from None
