"""Warnings: a moderator's word to somebody, which is kept."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import UserNotFound
from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import MemberNotFound
from cgraph.events import nonces
from cgraph.events.streams import user_stream
from cgraph.forums.access import lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.models import ForumAccess
from cgraph.moderation.warnings import queries
from cgraph.moderation.warnings.models import ForumWarning, Warned, WarningDraft
from cgraph.realtime.announcements import record_event


async def warn_user(tx: Transaction, *, caller: Caller, slug: str, draft: WarningDraft) -> Warned:
    """Raises ForumNotFound, NotAllowed, UserNotFound, MemberNotFound, NonceConflict."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    asked = nonces.request_hash(
        f"warn {place.id}", draft.model_dump(mode="json", exclude={"nonce"})
    )
    first = await _first(tx, caller=caller, draft=draft, asked=asked)
    if first is not None:
        return Warned(first, replayed=True)
    target = Subject.model_validate(draft.target.model_dump()) if draft.target else None
    await _require(tx, place=place, user_id=draft.user_id, target=target)
    now = clock.now()
    warning = await warn(
        tx,
        place=place,
        by=caller.id,
        user_id=draft.user_id,
        reason=draft.reason,
        target=target,
        now=now,
    )
    if draft.nonce is not None:
        await nonces.store_nonce(
            tx,
            user_id=caller.id,
            nonce=draft.nonce,
            request_hash=asked,
            created_id=warning.id,
            now=now,
        )
    return Warned(warning, replayed=False)


async def warn(
    tx: Transaction,
    *,
    place: ForumAccess,
    by: UUID,
    user_id: UUID,
    reason: str,
    target: Subject | None,
    now: datetime,
) -> ForumWarning:
    """Under the lock of the forum's stream. Who warned them is not told."""
    row = await queries.insert(
        tx,
        id=ids.uuid7(now),
        forum_id=place.id,
        user_id=user_id,
        by=by,
        reason=reason,
        target=target,
        now=now,
    )
    warning = ForumWarning.model_validate_json(row.shown)
    await audit.record(
        tx,
        forum_id=place.id,
        actor=by,
        action="warn_user",
        target=Subject(kind="user", id=user_id),
        detail={
            "reason": reason,
            "about": target.model_dump(mode="json") if target else None,
        },
        now=now,
    )
    await record_event(
        tx,
        stream=user_stream(user_id),
        type="moderation.warned",
        data={"warning": warning.model_dump(mode="json")},
        audience=[user_id],
        now=now,
    )
    return warning


async def _require(
    tx: Transaction, *, place: ForumAccess, user_id: UUID, target: Subject | None
) -> None:
    found = await queries.reachable(tx, forum_id=place.id, user_id=user_id, target=target)
    if found is None:
        raise UserNotFound
    if not (found.is_member if target is None else found.is_author):
        raise MemberNotFound("They are no member of the forum, or have not written that in it")


async def _first(
    tx: Transaction, *, caller: Caller, draft: WarningDraft, asked: bytes
) -> ForumWarning | None:
    """What the same nonce made before."""
    if draft.nonce is None:
        return None
    id = await nonces.created_id(tx, user_id=caller.id, nonce=draft.nonce, request_hash=asked)
    if id is None:
        return None
    row = await queries.warning_of(tx, id=id)
    assert row is not None, "warnings are kept"
    return ForumWarning.model_validate_json(row.shown)
