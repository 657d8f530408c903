"""Votes on posts and comments: counted at once, pushed to subscribers coalesced."""

from collections import defaultdict
from dataclasses import replace
from typing import NoReturn
from uuid import UUID

from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import NotAllowed, Refusal
from cgraph.core.ids import from_short, short
from cgraph.core.policies import AccessContext
from cgraph.forums.errors import CommentDeleted, CommentNotFound, OwnVote, PostDeleted, PostNotFound
from cgraph.forums.policies import ForumRole
from cgraph.forums.votes import queries, score_updates
from cgraph.forums.votes.models import CastVoteRow, VoteTotals, VoteValue
from cgraph.realtime.coalescing import FlushResult
from cgraph.realtime.ephemeral_events import split_scores
from cgraph.realtime.subscription_store import Subscriber


async def vote_on_post(
    tx: Transaction, *, caller: Caller, id: UUID, value: VoteValue
) -> VoteTotals:
    """Raises PostNotFound, NotAllowed, OwnVote, PostDeleted."""
    row = await _cast_vote(tx, caller=caller, id=id, value=value, on_comment=False)
    return await _publish_totals(row, voter=caller.id, target=id, value=value)


async def vote_on_comment(
    tx: Transaction, *, caller: Caller, id: UUID, value: VoteValue
) -> VoteTotals:
    """Raises CommentNotFound, NotAllowed, OwnVote, CommentDeleted, PostDeleted."""
    row = await _cast_vote(tx, caller=caller, id=id, value=value, on_comment=True)
    return await _publish_totals(row, voter=caller.id, target=id, value=value)


async def current_scores(tx: Transaction, result: FlushResult) -> list[FlushResult]:
    """The flush with the scores of now, since two votes may be buffered in another order than they
    were counted, and only for subscribers who may still read the stream. Those whose votes only
    they see get a flush of their own.
    """
    subscribers = await _subscribers_with_access(tx, result)
    shared, own = split_scores(result.updates)
    ids = {UUID(id) for each in (shared, *own.values()) for id in each}
    scores = {str(row.id): row.score for row in await queries.current_scores(tx, ids=ids)}
    votes = {user: dict.fromkeys(of_one, 0) for user, of_one in own.items()}
    for vote in await queries.uncounted_votes(tx, ids=ids):
        votes.setdefault(short(vote.user_id), {})[str(vote.target_id)] = vote.value
    groups: dict[str, dict[str, Subscriber]] = defaultdict(dict)
    for connection, each in subscribers.items():
        groups[each.user if each.user in votes else ""][connection] = each
    flushes = []
    for user, of_one in groups.items():
        added = votes.get(user, {})
        seen = {*shared, *own.get(user, {})} & scores.keys()
        updates = {id: str(scores[id] + added.get(id, 0)) for id in seen}
        flushes.append(replace(result, updates=updates, subscribers=of_one))
    return flushes


async def _subscribers_with_access(tx: Transaction, result: FlushResult) -> dict[str, Subscriber]:
    user_ids = {each.user: from_short(each.user) for each in result.subscribers.values()}
    row = await queries.stream_readers(tx, stream_id=result.stream.id, user_ids=user_ids.values())
    if row is None:
        return {}
    readers = set(user_ids.values() if row.user_ids is None else row.user_ids)
    return {
        connection: each
        for connection, each in result.subscribers.items()
        if user_ids[each.user] in readers
    }


async def _cast_vote(
    tx: Transaction, *, caller: Caller, id: UUID, value: VoteValue, on_comment: bool
) -> CastVoteRow:
    row = await queries.cast_vote(
        tx,
        target=id,
        on_comment=on_comment,
        voter=caller.id,
        policy=caller.policy,
        value=value,
        now=clock.now(),
    )
    not_found: type[Refusal] = CommentNotFound if on_comment else PostNotFound
    context = AccessContext(ForumRole(row.role)) if row.role else None
    policies.require(caller.policy, context, not_found=not_found)
    if row.refusal is not None:
        _refuse(row.refusal)
    if row.score_changed:
        await queries.flush_wal(tx)
    return row


def _refuse(refusal: str) -> NoReturn:
    if refusal == "own":
        raise OwnVote
    if refusal == "post_gone":
        raise PostDeleted
    if refusal == "comment_gone":
        raise CommentDeleted
    raise NotAllowed(f"Only {refusal} may vote in this forum")


async def _publish_totals(
    row: CastVoteRow, *, voter: UUID, target: UUID, value: VoteValue
) -> VoteTotals:
    """The vote has been committed: its statement ran without a transaction around it."""
    assert row.score is not None and row.ups is not None and row.downs is not None
    assert row.post_id is not None and row.forum_id is not None, "the vote was not refused"
    if row.is_visible:
        await score_updates.buffer_score(
            target,
            score=row.score,
            post_id=row.post_id,
            forum_id=row.forum_id,
            only_for=None if row.is_counted else voter,
            at_once=not (row.is_private or row.has_uncounted),
            is_changed=bool(row.score_changed),
        )
    return VoteTotals(target=target, score=row.score, ups=row.ups, downs=row.downs, my_vote=value)
