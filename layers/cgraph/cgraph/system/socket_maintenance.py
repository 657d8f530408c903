"""The socket queue's work: sockets that are gone, buffers to flush, subscriptions to end."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from cgraph.chat.messages.reactions import actions as reactions
from cgraph.core import cache, database
from cgraph.core.fields import Body
from cgraph.core.ids import UserId
from cgraph.core.log import logger
from cgraph.events.nudges import report_growth
from cgraph.forums.votes import actions as votes
from cgraph.forums.votes import score_log
from cgraph.realtime import (
    coalescing,
    connections,
    ephemeral_events,
    fanout,
    queries,
    subscriptions,
)
from cgraph.realtime.block_changes import BlockChange, apply_block_change
from cgraph.realtime.coalescing import HEADS, PRESENCE, RECEIPTS, SCORES, FlushResult
from cgraph.realtime.models import StreamName
from cgraph.search.changes import SCORES_AT_ONCE, log_changed_scores


class FlushJob(Body):
    """Publishes what is buffered in a channel of the stream. `message_id`: whose reactions."""

    channel: Literal["presence", "receipts", "heads", "scores", "reactions"]
    stream: StreamName
    message_id: UUID | None = None


class UnsubscribeJob(Body):
    """Ends the subscriptions of a user who lost access while Valkey was away."""

    user_id: UUID
    stream: StreamName


class BlockJob(Body):
    """Applies to subscriptions a block that began or ended while Valkey was away."""

    blocker: UUID
    blocked: UUID


class SocketJob(Body):
    """`gone`: connections that API Gateway answered 410 for. `log_scores`: votes have changed
    scores since the last such job.
    """

    gone: list[str] = Field(default=[])
    log_scores: bool = False
    flush: FlushJob | None = None
    unsubscribe: UnsubscribeJob | None = None
    block: BlockJob | None = None


async def maintain_sockets(job: SocketJob) -> None:
    """Raises RealtimeUnavailable, DatabaseUnavailable, QueueUnavailable: the queue brings the job
    again. Ephemeral events are dropped where Valkey is away.
    """
    await connections.close_connections(job.gone)
    if job.log_scores:
        await _log_scores()
    if job.unsubscribe is not None:
        user_id, stream = job.unsubscribe.user_id, job.unsubscribe.stream
        await subscriptions.remove_subscription(user_id=user_id, stream=stream)
    if job.block is not None:
        await apply_block_change(BlockChange(job.block.blocker, job.block.blocked))
    if job.flush is not None:
        try:
            await _flush(job.flush)
        except cache.CacheUnavailable as error:
            about = {"channel": job.flush.channel, "stream": str(job.flush.stream)}
            logger.warning("flush_failed", extra={**about, "reason": str(error)})


async def _log_scores() -> None:
    await score_log.clear()
    async with database.autocommit() as tx:
        while await log_changed_scores(tx) == SCORES_AT_ONCE:
            pass
        tx.on_commit(report_growth, None)


async def _flush(job: FlushJob) -> None:
    if job.channel == "presence":
        await ephemeral_events.publish_flushes([await coalescing.flush(job.stream, PRESENCE)])
    elif job.channel == "receipts":
        await _flush_receipts(await coalescing.flush(job.stream, RECEIPTS))
    elif job.channel == "heads":
        await _flush_head(await coalescing.flush(job.stream, HEADS))
    elif job.channel == "scores":
        await _flush_scores(await coalescing.flush(job.stream, SCORES))
    elif job.message_id is not None:
        async with database.transaction() as tx:
            await reactions.publish_reactions(tx, message_id=job.message_id)


async def _flush_receipts(result: FlushResult) -> None:
    """In a large conversation as a count: one statement for all who have read in the window."""
    is_small = result.member_count <= ephemeral_events.RECEIPT_NAMES_MAX
    if is_small or not result.subscribers:
        await ephemeral_events.publish_flushes([result])
        return
    seq = max(map(int, result.updates.values()))
    async with database.reading() as tx:
        readers = await queries.count_readers(tx, conversation_id=result.stream.id, seq=seq)
    ephemeral_events.publish_reader_count(result, seq=seq, readers=readers)


async def _flush_scores(result: FlushResult) -> None:
    results = [result]
    if result.updates and result.subscribers:
        async with database.reading() as tx:
            results = await votes.current_scores(tx, result)
    await ephemeral_events.publish_flushes(results)


async def _flush_head(result: FlushResult) -> None:
    if not result.updates:
        coalescing.schedule_flushes([result])
        return
    async with database.reading() as tx:
        audience = await queries.audience_of(tx, stream_id=result.stream.id)
    if audience is not None:
        user_ids = [UserId(user_id) for user_id in audience.user_ids]
        await fanout.publish_head(result.stream, head=audience.head, audience=user_ids)
