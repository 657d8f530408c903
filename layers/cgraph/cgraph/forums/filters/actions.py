"""Filters: words and links that a forum does not want, or wants moderators to see."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import Subject
from cgraph.forums.errors import Filtered
from cgraph.forums.filters import queries
from cgraph.forums.filters.models import FilterAction, Filters, FiltersDraft
from cgraph.forums.filters.rules import is_met
from cgraph.forums.models import ForumAccess

REPORT_WEIGHT = 100
"""Of a filter's report: that of a reporter without a record (see report_weight())."""


async def check(tx: Transaction, place: ForumAccess, *texts: str) -> bool:
    """Before something is written or edited: whether it is to be reported then. Moderators write
    what they like. Raises Filtered.
    """
    if place.moderates:
        return False
    filters = await queries.filters_of(tx, forum_id=place.id)
    if filters is None or not is_met(texts, words=filters.words, domains=filters.domains):
        return False
    if filters.action is FilterAction.REJECT:
        raise Filtered
    return True


async def report(
    tx: Transaction, place: ForumAccess, *, kind: str, id: UUID, now: datetime
) -> None:
    """A post or comment of which `check` said so, in the transaction that writes it."""
    await queries.report(
        tx,
        forum_id=place.id,
        target=Subject(kind=kind, id=id),
        weight=REPORT_WEIGHT,
        case_id=ids.uuid7(now),
        now=now,
    )


async def show_filters(tx: Transaction, *, caller: Caller, slug: str) -> Filters:
    """Raises ForumNotFound, NotAllowed."""
    place = await access_forum(tx, slug=slug, caller=caller)
    return await queries.filters_of(tx, forum_id=place.id) or Filters(
        words=[], domains=[], action=FilterAction.REPORT, updated_at=None
    )


async def change_filters(
    tx: Transaction, *, caller: Caller, slug: str, draft: FiltersDraft
) -> Filters:
    """Raises ForumNotFound, NotAllowed."""
    place = await lock_forum(tx, slug=slug, caller=caller)
    now = clock.now()
    draft = draft.model_copy(update={"words": _once(draft.words), "domains": _once(draft.domains)})
    await queries.put(tx, forum_id=place.id, draft=draft, by=caller.id, now=now)
    await audit.record(
        tx,
        forum_id=place.id,
        actor=caller.id,
        action="change_filters",
        target=None,
        detail=draft.model_dump(mode="json"),
        now=now,
    )
    return Filters(**draft.model_dump(), updated_at=now)


def _once(texts: Sequence[str]) -> list[str]:
    return sorted(set(texts))
