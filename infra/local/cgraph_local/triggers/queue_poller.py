"""Carries messages from one queue to one function."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from cgraph_local.core.background_tasks import Tasks
from cgraph_local.triggers.sqs import AWAY, Sqs, SqsError
from cgraph_local.triggers.sqs_batch import Message

LONG_POLL = 1
"""Seconds. AWS waits up to 20; the emulator, when it stops, waits for whoever waits for it."""
BUSY_SECONDS, BUSY_PAUSE = 2.0, 0.005
RECENT_SECONDS, RECENT_PAUSE = 30.0, 0.02
"""The emulator looks every 100 ms while it lets one wait, so a queue that was used a moment ago is
asked again and again instead: 0.4 ms of a core each time."""

FIRST_PAUSE, LAST_PAUSE = 0.1, 2.0
"""While the emulator is away."""

Work = Callable[[list[Message]], Awaitable[list[Message]]]
"""Give messages to the function; returns those that are done with."""


class Poller:
    def __init__(
        self,
        queue: str,
        *,
        sqs: Sqs,
        work: Work,
        batch_size: int,
        window: float,
        concurrency: int,
        mend: Callable[[], Awaitable[None]],
        say: Callable[[str], None],
    ) -> None:
        self._queue = queue
        self._sqs = sqs
        self._work = work
        self._batch_size = batch_size
        self._window = window
        self._free = asyncio.Semaphore(concurrency)
        self._mend = mend
        self._say = say
        self._batches = Tasks(say)
        self._latest = 0.0
        self._stopping = False
        self._polling = Tasks(say)

    def start(self) -> None:
        self._polling.spawn(self._poll(), name=f"polling {self._queue}")

    async def stop(self) -> None:
        """What has been received is still handled.

        A poll under way is waited for: were it cut off, the emulator would hand what comes in its
        last second to nobody, and hide it until the visibility timeout.
        """
        self._stopping = True
        await self._polling.wait()
        await self._batches.wait()

    async def _poll(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            await self._free.acquire()
            try:
                messages = await self._gather()
                pause = FIRST_PAUSE
            except (SqsError, *AWAY) as error:
                self._free.release()
                if pause == FIRST_PAUSE:
                    self._say(f"{self._queue}: {str(error) or type(error).__name__}; trying again")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE)
                await self._repair(error)
                continue
            except BaseException:
                self._free.release()
                raise
            if messages:
                self._batches.spawn(self._finish(messages), name=f"a batch of {self._queue}")
            else:
                self._free.release()

    async def _gather(self) -> list[Message]:
        """A batch: what is there now, or what comes until the window closes or it is full."""
        messages = await self._receive(self._batch_size)
        if not messages or not self._window:
            return messages
        closes = time.monotonic() + self._window
        while len(messages) < self._batch_size and not self._stopping:
            left = closes - time.monotonic()
            if left <= 0:
                break
            messages += await self._sqs.receive(
                self._queue,
                most=min(self._batch_size - len(messages), 10),
                wait=min(math.ceil(left), LONG_POLL),
            )
        return messages

    async def _receive(self, most: int) -> list[Message]:
        since = time.monotonic() - self._latest
        wait = LONG_POLL if since > RECENT_SECONDS else 0
        messages: list[Message] = list(
            await self._sqs.receive(self._queue, most=min(most, 10), wait=wait)
        )
        if messages:
            self._latest = time.monotonic()
        elif not wait:
            await asyncio.sleep(BUSY_PAUSE if since < BUSY_SECONDS else RECENT_PAUSE)
        return messages

    async def _finish(self, messages: list[Message]) -> None:
        try:
            done = await self._work(messages)
            if done:
                receipts = [message["ReceiptHandle"] for message in done]
                for failure in await self._sqs.delete(self._queue, receipts=receipts):
                    self._say(f"{self._queue}: could not delete a message: {failure}")
        except (SqsError, *AWAY) as error:
            self._say(f"{self._queue}: handled, but not deleted, so it comes again: {error}")
        finally:
            self._free.release()

    async def _repair(self, error: BaseException) -> None:
        """An emulator that was killed has forgotten its queues."""
        if not isinstance(error, SqsError) or not error.is_missing_queue:
            return
        try:
            await self._mend()
        except (SqsError, *AWAY) as again:
            self._say(f"{self._queue}: {again}")
