"""Filters: words and links that a forum rejects or reports to its moderators."""

from collections.abc import Iterable, Sequence

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.markdown import Rendered
from cgraph.forums.access import access_forum, lock_forum
from cgraph.forums.audit import actions as audit
from cgraph.forums.errors import Filtered
from cgraph.forums.filters import queries
from cgraph.forums.filters.models import FilterAction, ForumFilters, ForumFiltersDraft
from cgraph.forums.filters.rules import contains_filtered
from cgraph.forums.models import ForumAccess, Withheld

REPORT_WEIGHT = 100
"""Of a filter's report: that of a reporter without a record (see report_weight())."""


def check_filters(
    forum: ForumAccess, *texts: str, rendered: Rendered, links: Sequence[str] = ()
) -> FilterAction | None:
    """Before texts are written: returns whether they are to be reported after that, or held too.
    `forum`: read with its filters. `rendered`: the body, which is searched as readers see it.
    `links`: further addresses.

    Filters do not apply to moderators. Raises Filtered.
    """
    if forum.moderates or forum.filter_action is None:
        return None
    if not contains_filtered(
        [*texts, rendered.text],
        links=[*rendered.links, *links],
        words=forum.filter_words or [],
        domains=forum.filter_domains or [],
    ):
        return None
    action = FilterAction(forum.filter_action)
    if action is FilterAction.REJECT:
        raise Filtered
    return action


def check_edit(
    forum: ForumAccess, *texts: str, rendered: Rendered, withheld: Withheld | None
) -> FilterAction | None:
    """Before texts are edited: as `check_filters`. What readers see already is not held: the edit
    is refused. Raises Filtered.
    """
    match = check_filters(forum, *texts, rendered=rendered)
    if match is FilterAction.HOLD and withheld != Withheld.APPROVAL:
        raise Filtered
    return match


def withheld_by(match: FilterAction | None, forum: ForumAccess) -> Withheld | None:
    """Why a new text is withheld, if it is. A user under a shadow ban is shown the same as others:
    that their text waits for approval.
    """
    return Withheld.APPROVAL if match is FilterAction.HOLD else forum.withheld


def report_weight(match: FilterAction | None) -> int | None:
    """Of the report that is filed with the text; None where no filter matches it."""
    return None if match is None else REPORT_WEIGHT


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
