"""What a consumer's function does when it is nudged, through a FIFO queue of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from cgraph.core import metrics
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.events.consumers import Consumer, Overtaken, consume_batch, retry_failed
from cgraph.events.nudges import Nudge, nudge

WORK_SECONDS = 15.0
"""Of one invocation; after it the consumer nudges itself."""

PAUSE_SECONDS = 0.02, 1.0
"""The first and the longest, while a transaction runs that is older than committed ones."""


def following(consumer: Consumer) -> Callable[[Sequence[Nudge]], Awaitable[None]]:
    """The work of the consumer's function, for `batch_handler`."""

    async def follow(nudges: Sequence[Nudge]) -> None:
        ends_at = time.monotonic() + WORK_SECONDS
        shards = {each.shard for each in nudges}
        if None in shards and consumer.shards > 1:  # each in an invocation of its own
            nudge(settings().consumer_queue_urls[consumer.name], *range(consumer.shards))
            shards.remove(None)
        for shard in {shard or 0 for shard in shards}:
            await _catch_up(consumer, shard=shard, ends_at=ends_at)

    return follow


async def _catch_up(consumer: Consumer, *, shard: int, ends_at: float) -> None:
    """Raises Unavailable, DatabaseUnavailable: the nudge comes again."""
    while time.monotonic() < ends_at and await retry_failed(consumer, shard=shard):
        pass
    pause = PAUSE_SECONDS[0]
    while time.monotonic() < ends_at:
        try:
            progress = await consume_batch(consumer, shard=shard)
        except Overtaken:  # by one that is in work, and goes on
            logger.info("consumer_overtaken", extra={"consumer": consumer.name, "shard": shard})
            return
        metrics.add_property("consumed_events", progress.events)
        if not progress.caught_up:
            pause = PAUSE_SECONDS[0]
        elif not progress.waits:
            return
        else:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, PAUSE_SECONDS[1])
    nudge(settings().consumer_queue_urls[consumer.name], shard)
