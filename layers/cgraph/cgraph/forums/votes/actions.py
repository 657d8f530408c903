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
from cgraph.realtime.coalescing import FlushResult


async def vote_on_post(tx: Transaction, *, caller: Caller, id: UUID, value: Value) -> Votes:
    """Raises PostNotFound, NotAllowed, OwnVote, PostDeleted."""
    cast = await _cast(tx, caller=caller, id=id, value=value, on_comment=False)
    return await _counted(cast, target=id, value=value)


async def vote_on_comment(tx: Transaction, *, caller: Caller, id: UUID, value: Value) -> Votes:
    """Raises CommentNotFound, NotAllowed, OwnVote, CommentDeleted, PostDeleted."""
    cast = await _cast(tx, caller=caller, id=id, value=value, on_comment=True)
    return await _counted(cast, target=id, value=value)


async def current_scores(tx: Transaction, result: FlushResult) -> FlushResult:
    """With the scores of now, since two votes may be buffered in another order than they were
    counted, and only for subscribers who may still read the stream.
    """
    users = {each.user: from_short(each.user) for each in result.subscribers.values()}
    readers = await queries.lookers(tx, stream_id=result.stream.id, people=users.values())
    if readers is None:
        return replace(result, updates={}, subscribers={})
    allowed = set(users.values() if readers.people is None else readers.people)
    subscribers = {
        connection: each
        for connection, each in result.subscribers.items()
        if users[each.user] in allowed
    }
    rows = await queries.scores_of(tx, ids=[UUID(id) for id in result.updates])
    scores = {str(row.id): str(row.score) for row in rows}
    return replace(result, updates=scores, subscribers=subscribers)


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
        await score_updates.buffer_score(
            target,
            score=cast.score,
            post_id=cast.post_id,
            forum_id=cast.forum_id,
            private=bool(cast.is_private),
        )
    return Votes(target=target, score=cast.score, ups=cast.ups, downs=cast.downs, my_vote=value)
