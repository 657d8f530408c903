"""Polls a queue and passes its messages to a function in batches."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from cgraph_local.core.background_tasks import BackgroundTasks
from cgraph_local.triggers.sent_messages import SentMessages
from cgraph_local.triggers.sqs import CONNECTION_ERRORS, SqsClient, SqsError
from cgraph_local.triggers.sqs_batch import Message

LONG_POLL_SECONDS = 1
"""AWS waits up to 20. The emulator does not stop before the polls it holds have ended."""
PAUSE = 10.0
"""A queue is asked when it has new messages, and otherwise after this pause."""

MIN_BACKOFF, MAX_BACKOFF = 0.1, 2.0
"""Seconds between attempts while the emulator does not run."""

BatchHandler = Callable[[list[Message]], Awaitable[list[Message]]]
"""Passes messages to the function. Returns those that are to be deleted."""


class QueuePoller:
    def __init__(
        self,
        queue: str,
        *,
        sqs: SqsClient,
        sent: SentMessages,
        handle_batch: BatchHandler,
        batch_size: int,
        window: float,
        concurrency: int,
        ensure_queues: Callable[[], Awaitable[None]],
        print_line: Callable[[str], None],
    ) -> None:
        """`window`: seconds to wait for a batch to fill; `concurrency`: batches handled at once;
        `ensure_queues`: creates missing queues.
        """
        self._queue = queue
        self._sqs = sqs
        self._sent = sent
        self._handle_batch = handle_batch
        self._batch_size = batch_size
        self._window = window
        self._free_slots = asyncio.Semaphore(concurrency)
        self._ensure_queues = ensure_queues
        self._print_line = print_line
        self._batches = BackgroundTasks(print_line)
        self._stopping = False
        self._polling = BackgroundTasks(print_line)

    def start(self) -> None:
        self._polling.spawn(self._poll(), name=f"polling {self._queue}")

    async def stop(self) -> None:
        """Messages that have been received are still handled.

        A poll in progress is not cancelled: the emulator would give the messages of its last second
        to nobody and hide them until the visibility timeout.
        """
        self._stopping = True
        self._sent.remember(self._queue)
        await self._polling.wait()
        await self._batches.wait()

    async def _poll(self) -> None:
        backoff = MIN_BACKOFF
        while not self._stopping:
            await self._free_slots.acquire()
            try:
                messages = await self._receive_batch()
                backoff = MIN_BACKOFF
            except (SqsError, *CONNECTION_ERRORS) as error:
                self._free_slots.release()
                if backoff == MIN_BACKOFF:
                    reason = str(error) or type(error).__name__
                    self._print_line(f"{self._queue}: {reason}; trying again")
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF)
                await self._recreate_missing_queue(error)
                continue
            except BaseException:
                self._free_slots.release()
                raise
            if messages:
                name = f"a batch of {self._queue}"
                self._batches.spawn(self._handle_and_delete(messages), name=name)
            else:
                self._free_slots.release()

    async def _receive_batch(self) -> list[Message]:
        """The messages that are there now; with a window, also those that come until it closes or
        the batch is full.
        """
        messages = await self._receive(self._batch_size)
        if not messages or not self._window:
            return messages
        closes_at = time.monotonic() + self._window
        while len(messages) < self._batch_size and not self._stopping:
            remaining = closes_at - time.monotonic()
            if remaining <= 0:
                break
            messages += await self._sqs.receive(
                self._queue,
                max_messages=min(self._batch_size - len(messages), 10),
                wait_seconds=min(math.ceil(remaining), LONG_POLL_SECONDS),
            )
        return messages

    async def _receive(self, max_messages: int) -> list[Message]:
        self._sent.forget(self._queue)
        messages: list[Message] = list(
            await self._sqs.receive(self._queue, max_messages=min(max_messages, 10), wait_seconds=0)
        )
        if not messages and not self._stopping:
            await self._sent.wait(self._queue, seconds=PAUSE)
        return messages

    async def _handle_and_delete(self, messages: list[Message]) -> None:
        try:
            handled = await self._handle_batch(messages)
            if handled:
                handles = [message["ReceiptHandle"] for message in handled]
                for failure in await self._sqs.delete(self._queue, receipt_handles=handles):
                    self._print_line(f"{self._queue}: could not delete a message: {failure}")
        except (SqsError, *CONNECTION_ERRORS) as error:
            self._print_line(
                f"{self._queue}: messages were handled but not deleted, so they are delivered "
                f"again: {error}"
            )
        finally:
            self._free_slots.release()
            if self._queue.endswith(".fifo"):
                self._sent.remember(self._queue)

    async def _recreate_missing_queue(self, error: BaseException) -> None:
        """An emulator that was killed has lost its queues."""
        if not isinstance(error, SqsError) or not error.is_missing_queue:
            return
        try:
            await self._ensure_queues()
        except (SqsError, *CONNECTION_ERRORS) as failure:
            self._print_line(f"{self._queue}: {failure}")
