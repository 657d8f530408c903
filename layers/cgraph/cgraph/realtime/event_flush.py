"""The flush queue's work: see event_buffer."""

import asyncio
import time
from collections.abc import Sequence

from cgraph.core.fields import Body
from cgraph.realtime import fanout
from cgraph.realtime.models import StreamName

WAIT_SECONDS = 1.0
"""At most, however far the clocks of two functions are apart."""


class FlushEventsJob(Body):
    """`due`: when the window of the stream ends, in seconds since 1970."""

    stream: StreamName
    due: float


async def flush_events(jobs: Sequence[FlushEventsJob]) -> None:
    """Waits until all of them are due, which is less than a window. Raises CacheUnavailable,
    QueueUnavailable: the queue brings the jobs again.
    """
    wait = max((job.due for job in jobs), default=0.0) - time.time()
    await asyncio.sleep(min(max(wait, 0.0), WAIT_SECONDS))
    await fanout.flush_events(list(dict.fromkeys(job.stream for job in jobs)))
