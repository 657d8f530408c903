"""A message that a worker keeps to itself for some seconds, again and again while it works.

The visibility timeout of a queue is for the longest job: six times the timeout of its function. A
worker that is killed says nothing, so its message would come again only after that. With a lease it
comes again soon after the worker stopped to renew it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from cgraph.core import queues
from cgraph.core.log import logger
from cgraph.core.settings import settings

SECONDS = 20
RENEWAL_SECONDS = 5.0

Result = TypeVar("Result")


class Lease:
    """Of the message of one SQS record."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._record = record

    def renew(self) -> None:
        """From now on it is delivered again after SECONDS, unless it is deleted or renewed. Where
        SQS is away, the time that applied before goes on.
        """
        queue = str(self._record["eventSourceARN"]).rpartition(":")[2]
        try:
            queues.set_visibility(
                f"{settings().queues_url}/{queue}", {self._record["receiptHandle"]: SECONDS}
            )
        except queues.QueueUnavailable as error:
            logger.warning("lease_not_renewed", extra={"reason": str(error)})


async def in_thread(
    work: Callable[[], Result],
    *,
    renew: Callable[[], Awaitable[None]],
    every: float = RENEWAL_SECONDS,
) -> Result:
    """What `work` returns, which blocks and so runs in a thread. Meanwhile `renew` is called again
    and again.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    while not (await asyncio.wait({task}, timeout=every))[0]:
        await renew()
    return task.result()
