"""Knows when a queue has new messages, so that pollers wait for that instead of asking again."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from cgraph_local.triggers.sqs import CONNECTION_ERRORS, SqsClient

RETRY_SECONDS = 0.2


class SentMessages:
    """The emulator tells it, for all queues in one request that is always under way."""

    def __init__(self, sqs: SqsClient) -> None:
        self._sqs = sqs
        self._sent: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    def forget(self, queue: str) -> None:
        """`wait` returns only for what is sent from now on."""
        self._sent[queue].clear()

    def remember(self, queue: str) -> None:
        """There may be messages, although none is new: of a FIFO group whose batch has ended."""
        self._sent[queue].set()

    async def wait(self, queue: str, *, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._sent[queue].wait()

    async def _watch(self) -> None:
        last = 0
        while True:
            try:
                last, queues = await self._sqs.sends(after=last)
            except CONNECTION_ERRORS:
                for event in self._sent.values():  # pollers see, and say, that it does not run
                    event.set()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for queue in queues:
                self._sent[queue].set()
