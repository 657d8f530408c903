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
from cgraph.realtime.subscription_store import Subscriber


async def vote_on_post(
    tx: Transaction, *, caller: Caller, id: UUID, value: VoteValue
) -> VoteTotals:
    """Raises PostNotFound, NotAllowed, OwnVote, PostDeleted."""
    row = await _cast_vote(tx, caller=caller, id=id, value=value, on_comment=False)
    return await _publish_totals(row, target=id, value=value)


async def vote_on_comment(
    tx: Transaction, *, caller: Caller, id: UUID, value: VoteValue
) -> VoteTotals:
    """Raises CommentNotFound, NotAllowed, OwnVote, CommentDeleted, PostDeleted."""
    row = await _cast_vote(tx, caller=caller, id=id, value=value, on_comment=True)
    return await _publish_totals(row, target=id, value=value)


async def current_scores(tx: Transaction, result: FlushResult) -> list[FlushResult]:
    """The flush with the scores of now, since two votes may be buffered in another order than they
    were counted, and only for subscribers who may still read the stream. Those whose votes only
    they see get a flush of their own.
    """
    user_ids = {each.user: from_short(each.user) for each in result.subscribers.values()}
    row = await queries.stream_readers(tx, stream_id=result.stream.id, user_ids=user_ids.values())
    if row is None:
        return [replace(result, updates={}, subscribers={})]
    readers = set(user_ids.values() if row.user_ids is None else row.user_ids)
    subscribers = {
        connection: each
        for connection, each in result.subscribers.items()
        if user_ids[each.user] in readers
    }
    rows = await queries.current_scores(tx, ids=[UUID(id) for id in result.updates])
    scores = {str(row.id): str(row.score) for row in rows}
    return await _split_by_voter(tx, replace(result, updates=scores, subscribers=subscribers))


async def _split_by_voter(tx: Transaction, result: FlushResult) -> list[FlushResult]:
    votes = await queries.uncounted_votes(tx, ids=[UUID(id) for id in result.updates])
    scores: dict[str, dict[str, str]] = defaultdict(lambda: dict(result.updates))
    for vote in votes:
        own = scores[short(vote.user_id)]
        own[str(vote.target_id)] = str(int(own[str(vote.target_id)]) + vote.value)
    groups: dict[str, dict[str, Subscriber]] = defaultdict(dict)
    for connection, each in result.subscribers.items():
        groups[each.user if each.user in scores else ""][connection] = each
    return [
        replace(result, updates=scores[user] if user else result.updates, subscribers=subscribers)
        for user, subscribers in groups.items()
    ]


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


async def _publish_totals(row: CastVoteRow, *, target: UUID, value: VoteValue) -> VoteTotals:
    """The vote has been committed: its statement ran without a transaction around it."""
    assert row.score is not None and row.ups is not None and row.downs is not None
    assert row.post_id is not None and row.forum_id is not None, "the vote was not refused"
    if row.is_visible:
        await score_updates.buffer_score(
            target,
            score=row.score,
            post_id=row.post_id,
            forum_id=row.forum_id,
            same_for_all=not (row.is_private or row.has_uncounted),
        )
    return VoteTotals(target=target, score=row.score, ups=row.ups, downs=row.downs, my_vote=value)
