"""What makes a function of a consumer: it is nudged through a FIFO queue of its own."""

import asyncio
import time
from collections.abc import Sequence

from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.core.worker import Handler, batch_handler
from cgraph.events.consumers import (
    Consumer,
    Overtaken,
    Unavailable,
    consume_batch,
    retry_failed,
)
from cgraph.events.nudges import Nudge, nudge

WORK_SECONDS = 20.0
"""Of one invocation; after it the consumer nudges itself."""

RUNNING_SECONDS = 2.0
"""How long it waits for transactions that run beside committed ones."""

RETRY_SECONDS = 10
"""At most, before it is tried again while what it needs is away."""


def consumer_handler(consumer: Consumer) -> Handler:
    """The handler of the function that does the consumer's work."""

    async def follow(nudges: Sequence[Nudge]) -> None:
        shards = sorted({shard for each in nudges for shard in _shards(consumer, each)})
        if len(shards) > 1 and any(each.shard is None for each in nudges):
            nudge(settings().consumer_queue_url, shards)  # each in an invocation of its own
            return
        for shard in shards:
            await _catch_up(consumer, shard=shard)

    return batch_handler(follow, job=Nudge, retry_seconds=RETRY_SECONDS)


def _shards(consumer: Consumer, each: Nudge) -> Sequence[int]:
    return range(consumer.shards) if each.shard is None else [each.shard]


async def _catch_up(consumer: Consumer, *, shard: int) -> None:
    """Raises Unavailable, DatabaseUnavailable: the nudge comes again."""
    ends_at = time.monotonic() + WORK_SECONDS
    await retry_failed(consumer, shard=shard)
    waited = 0.0
    while time.monotonic() < ends_at:
        try:
            progress = await consume_batch(consumer, shard=shard)
        except Overtaken:
            logger.info("consumer_overtaken", extra={"consumer": consumer.name, "shard": shard})
            return
        if not progress.caught_up:
            waited = 0.0
        elif not progress.waits:
            return
        elif waited >= RUNNING_SECONDS:
            raise Unavailable("a transaction has run for long; what came after it waits")
        else:
            pause = 0.02 + waited / 4
            await asyncio.sleep(pause)
            waited += pause
    nudge(settings().consumer_queue_url, [shard])
