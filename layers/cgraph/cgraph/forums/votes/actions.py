"""Votes: counted at once, told together."""

from dataclasses import replace
from typing import NoReturn
from uuid import UUID

from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed, Refusal
from cgraph.core.ids import from_short
from cgraph.core.policies import AccessContext
from cgraph.forums.errors import CommentDeleted, CommentNotFound, OwnVote, PostDeleted, PostNotFound
from cgraph.forums.votes import queries, score_updates
from cgraph.forums.votes.models import Cast, Value, Votes
from cgraph.realtime.coalescing import Outcome


async def vote_on_post(tx: Transaction, *, caller: Caller, id: UUID, value: Value) -> Votes:
    """Raises PostNotFound, NotAllowed, OwnVote, PostDeleted."""
    cast = await _cast(tx, caller=caller, id=id, value=value, on_comment=False)
    return await _counted(cast, target=id, value=value)


async def vote_on_comment(tx: Transaction, *, caller: Caller, id: UUID, value: Value) -> Votes:
    """Raises CommentNotFound, NotAllowed, OwnVote, CommentDeleted, PostDeleted."""
    cast = await _cast(tx, caller=caller, id=id, value=value, on_comment=True)
    return await _counted(cast, target=id, value=value)


async def as_they_are(tx: Transaction, outcome: Outcome) -> Outcome:
    """What was held, with the scores of this moment: two votes may be held in another order than
    they were counted. And for whoever may still look.
    """
    people = {look.user: from_short(look.user) for look in outcome.focus.values()}
    who = await queries.lookers(tx, stream_id=outcome.stream.id, people=people.values())
    if who is None:
        return replace(outcome, changes={}, focus={})
    may = set(people.values() if who.people is None else who.people)
    focus = {at: look for at, look in outcome.focus.items() if people[look.user] in may}
    found = await queries.scores_of(tx, ids=[UUID(id) for id in outcome.changes])
    scores_now = {str(each.id): str(each.score) for each in found}
    return replace(outcome, changes=scores_now, focus=focus)


async def _cast(
    tx: Transaction, *, caller: Caller, id: UUID, value: Value, on_comment: bool
) -> Cast:
    cast = await queries.cast_vote(
        tx,
        target=id,
        on_comment=on_comment,
        voter=caller.id,
        policy=caller.policy,
        value=value,
        now=clock.now(),
    )
    not_found: type[Refusal] = CommentNotFound if on_comment else PostNotFound
    policies.require(
        caller.policy, AccessContext(cast.role) if cast.role else None, not_found=not_found
    )
    if cast.refusal is not None:
        _refuse(cast.refusal)
    if cast.score_changed:
        await queries.flush(tx)
    return cast


def _refuse(refusal: str) -> NoReturn:
    if refusal == "own":
        raise OwnVote
    if refusal == "post_gone":
        raise PostDeleted
    if refusal == "comment_gone":
        raise CommentDeleted
    raise NotAllowed(f"In this forum only {refusal} may vote")


async def _counted(cast: Cast, *, target: UUID, value: Value) -> Votes:
    """It has been committed, for this is no transaction."""
    assert cast.score is not None and cast.ups is not None and cast.downs is not None
    assert cast.post_id is not None and cast.forum_id is not None, "it was not refused"
    if cast.is_visible:
        await score_updates.hold_score(
            target,
            score=cast.score,
            post_id=cast.post_id,
            forum_id=cast.forum_id,
            private=bool(cast.is_private),
        )
    return Votes(target=target, score=cast.score, ups=cast.ups, downs=cast.downs, my_vote=value)
