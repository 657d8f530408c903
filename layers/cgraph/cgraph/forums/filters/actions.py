"""Filters: words and links that a forum rejects or reports to its moderators."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.markdown import Rendered
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.errors import Filtered
from cgraph.forums.filters import queries
from cgraph.forums.filters.models import FilterAction, ForumFilters, ForumFiltersDraft
from cgraph.forums.filters.rules import contains_filtered
from cgraph.forums.models import ForumAccess, Withheld

REPORT_WEIGHT = 100
"""Of a filter's report: that of a reporter without a record (see report_weight())."""


async def check_filters(
    tx: Transaction,
    forum: ForumAccess,
    *texts: str,
    rendered: Rendered,
    links: Sequence[str] = (),
) -> FilterAction | None:
    """Before texts are written: returns whether they are to be reported after that, or held too.
    `rendered`: the body, which is searched as readers see it. `links`: further addresses.

    Filters do not apply to moderators. Raises Filtered.
    """
    if forum.moderates:
        return None
    filters = await queries.forum_filters(tx, forum_id=forum.id)
    if filters is None:
        return None
    if not contains_filtered(
        [*texts, rendered.text],
        links=[*rendered.links, *links],
        words=filters.words,
        domains=filters.domains,
    ):
        return None
    if filters.action is FilterAction.REJECT:
        raise Filtered
    return filters.action


async def check_edit(
    tx: Transaction, forum: ForumAccess, *texts: str, rendered: Rendered, withheld: Withheld | None
) -> bool:
    """Before texts are edited: returns whether they are to be reported after that. What readers see
    already is not held: the edit is refused. Raises Filtered.
    """
    match = await check_filters(tx, forum, *texts, rendered=rendered)
    if match is FilterAction.HOLD and withheld != Withheld.APPROVAL:
        raise Filtered
    return match is not None


def withheld_by(match: FilterAction | None, forum: ForumAccess) -> Withheld | None:
    """Why a new text is withheld, if it is. A user under a shadow ban is shown the same as others:
    that their text waits for approval.
    """
    return Withheld.APPROVAL if match is FilterAction.HOLD else forum.withheld


async def file_filter_report(
    tx: Transaction, forum: ForumAccess, *, kind: str, id: UUID, now: datetime
) -> None:
    """Reports a post or comment for which `check_filters` returned True, in the transaction that
    writes it.
    """
    await queries.file_filter_report(
        tx,
        forum_id=forum.id,
        target=EntityRef(kind=kind, id=id),
        weight=REPORT_WEIGHT,
        case_id=ids.uuid7(now),
        now=now,
    )


async def show_filters(tx: Transaction, *, caller: Caller, slug: str) -> ForumFilters:
    """Raises ForumNotFound, NotAllowed."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    return await queries.forum_filters(tx, forum_id=forum.id) or ForumFilters(
        words=[], domains=[], action=FilterAction.REPORT, updated_at=None
    )


async def change_filters(
    tx: Transaction, *, caller: Caller, slug: str, draft: ForumFiltersDraft
) -> ForumFilters:
    """Raises ForumNotFound, NotAllowed."""
    forum = await lock_forum(tx, slug=slug, caller=caller)
    now = clock.now()
    draft = draft.model_copy(
        update={"words": _distinct(draft.words), "domains": _distinct(draft.domains)}
    )
    await queries.upsert_filters(tx, forum_id=forum.id, draft=draft, updated_by=caller.id, now=now)
    await audit.record(
        tx,
        forum_id=forum.id,
        actor=caller.id,
        action="change_filters",
        target=None,
        detail=draft.model_dump(mode="json"),
        now=now,
    )
    return ForumFilters(**draft.model_dump(), updated_at=now)


def _distinct(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts))
