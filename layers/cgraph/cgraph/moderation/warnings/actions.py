"""Warnings: a moderator reminds a user of the rules; the warning is kept."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import UserNotFound
from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import MemberNotFound
from cgraph.events import nonces
from cgraph.forums.access import lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import ForumAccess
from cgraph.forums.rules import require_other_case, require_rank_over
from cgraph.moderation.warnings import queries
from cgraph.moderation.warnings.models import ForumWarning, IssuedWarning, WarningDraft
from cgraph.realtime.notices import notify_user


async def warn_user(
    tx: Transaction, *, caller: Caller, slug: str, draft: WarningDraft
) -> IssuedWarning:
    """Raises ForumNotFound, NotAllowed, UserNotFound, OwnCase, HigherRank, MemberNotFound,
    NonceConflict.
    """
    forum = await lock_forum(tx, slug=slug, caller=caller)
    request_hash = nonces.request_hash(
        f"warn {forum.id}", draft.model_dump(mode="json", exclude={"nonce"})
    )
    earlier = await _find_earlier(tx, caller=caller, draft=draft, request_hash=request_hash)
    if earlier is not None:
        return IssuedWarning(earlier, replayed=True)
    target = EntityRef.model_validate(draft.target.model_dump()) if draft.target else None
    await _require_warnable(tx, forum=forum, by=caller.id, user_id=draft.user_id, target=target)
    now = clock.now()
    warning = await issue_warning(
        tx,
        forum=forum,
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
            request_hash=request_hash,
            created_id=warning.id,
            now=now,
        )
    return IssuedWarning(warning, replayed=False)


async def issue_warning(
    tx: Transaction,
    *,
    forum: ForumAccess,
    by: UUID,
    user_id: UUID,
    reason: str,
    target: EntityRef | None,
    now: datetime,
) -> ForumWarning:
    """The caller has locked the forum. The event does not name the moderator."""
    row = await queries.insert_warning(
        tx,
        id=ids.uuid7(now),
        forum_id=forum.id,
        user_id=user_id,
        by=by,
        reason=reason,
        target=target,
        now=now,
    )
    warning = ForumWarning.model_validate_json(row.json)
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=by,
        action="warn_user",
        target=EntityRef(kind="user", id=user_id),
        detail={
            "reason": reason,
            "about": target.model_dump(mode="json") if target else None,
        },
        now=now,
    )
    await notify_user(
        tx,
        user_id=user_id,
        type="moderation.warned",
        data={"warning": warning.model_dump(mode="json")},
        now=now,
    )
    return warning


async def _require_warnable(
    tx: Transaction, *, forum: ForumAccess, by: UUID, user_id: UUID, target: EntityRef | None
) -> None:
    """Raises UserNotFound, OwnCase, HigherRank, MemberNotFound."""
    candidate = await queries.warning_candidate(
        tx, forum_id=forum.id, user_id=user_id, target=target
    )
    if candidate is None:
        raise UserNotFound
    require_other_case(judge=by, user_id=user_id)
    require_rank_over(forum.role, person=candidate.role)
    if target is None and candidate.role is None:
        raise MemberNotFound("The user is not a member of the forum")
    if target is not None and not candidate.is_author:
        raise MemberNotFound("The user has not written this post or comment in the forum")


async def _find_earlier(
    tx: Transaction, *, caller: Caller, draft: WarningDraft, request_hash: bytes
) -> ForumWarning | None:
    """Returns the warning that the same nonce created before. Raises NonceConflict."""
    if draft.nonce is None:
        return None
    id = await nonces.created_id(
        tx, user_id=caller.id, nonce=draft.nonce, request_hash=request_hash
    )
    if id is None:
        return None
    row = await queries.warning_json(tx, id=id)
    assert row is not None, "warnings are never deleted while their nonce is kept"
    return ForumWarning.model_validate_json(row.json)
