"""What is done for sockets when nobody waits for it."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cgraph.chat.messages.reactions import actions as reactions
from cgraph.core import cache, database
from cgraph.core.fields import Model
from cgraph.core.ids import UserId
from cgraph.core.log import logger
from cgraph.forums.votes import actions as votes
from cgraph.realtime import (
    coalescing,
    connections,
    ephemeral_events,
    fanout,
    queries,
    subscriptions,
)
from cgraph.realtime.coalescing import HEADS, PRESENCE, RECEIPTS, SCORES, Outcome
from cgraph.realtime.models import StreamName


class Due(Model):
    """What was held back in this lane of the stream is to be told now."""

    lane: Literal["presence", "receipts", "heads", "scores", "reactions"]
    stream: StreamName
    message_id: UUID | None = None


class Left(Model):
    """A person who was removed from a stream when Valkey could not be told."""

    user_id: UUID
    stream: StreamName


class SocketWork(Model):
    """`gone`: sockets that API Gateway answered 410 for."""

    model_config = ConfigDict(extra="forbid")

    gone: list[str] = Field(default=[])
    due: Due | None = None
    left: Left | None = None


async def tend_sockets(work: SocketWork) -> None:
    """Raises RealtimeUnavailable, DatabaseUnavailable, QueueUnavailable: the queue brings it again.
    What lives for seconds is lost where Valkey is away.
    """
    await connections.close_connections(work.gone)
    if work.left is not None:
        await subscriptions.remove(user_id=work.left.user_id, stream=work.left.stream)
    if work.due is not None:
        try:
            await _tell(work.due)
        except cache.CacheUnavailable as error:
            about = {"lane": work.due.lane, "stream": str(work.due.stream)}
            logger.warning("not_told", extra={**about, "reason": str(error)})


async def _tell(due: Due) -> None:
    if due.lane == "presence":
        await ephemeral_events.settle([await coalescing.take(due.stream, PRESENCE)])
    elif due.lane == "receipts":
        await _tell_receipts(await coalescing.take(due.stream, RECEIPTS))
    elif due.lane == "heads":
        await _tell_head(await coalescing.take(due.stream, HEADS))
    elif due.lane == "scores":
        await _tell_scores(await coalescing.take(due.stream, SCORES))
    elif due.message_id is not None:
        async with database.transaction() as tx:
            await reactions.tell_reactions(tx, message_id=due.message_id)


async def _tell_receipts(outcome: Outcome) -> None:
    """In a large conversation as a count, which is one statement for all who read in the window."""
    if outcome.members <= ephemeral_events.NAMED_READERS or not outcome.focus:
        await ephemeral_events.settle([outcome])
        return
    seq = max(map(int, outcome.changes.values()))
    async with database.reading() as tx:
        readers = await queries.count_readers(tx, conversation_id=outcome.stream.id, seq=seq)
    ephemeral_events.tell_readers(outcome, seq=seq, readers=readers)


async def _tell_scores(outcome: Outcome) -> None:
    if outcome.changes and outcome.focus:
        async with database.reading() as tx:
            outcome = await votes.with_current_scores(tx, outcome)
    await ephemeral_events.settle([outcome])


async def _tell_head(outcome: Outcome) -> None:
    if not outcome.changes:
        coalescing.look_again([outcome])
        return
    async with database.reading() as tx:
        found = await queries.audience_of(tx, stream_id=outcome.stream.id)
    if found is not None:
        people = [UserId(person) for person in found.people]
        await fanout.tell_head(outcome.stream, head=found.head, audience=people)
