"""The queue pollers and the scheduler of a stack."""

import asyncio
import json
from collections.abc import Callable

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.host import LambdaHost
from cgraph_local.template import BucketTrigger, Queue, QueueTrigger, Stack
from cgraph_local.triggers.buckets import (
    ensure_buckets,
    notification_dead_letters,
    notification_queue,
)
from cgraph_local.triggers.queue_poller import BatchHandler, QueuePoller
from cgraph_local.triggers.queues import ensure_queues, queue_arn
from cgraph_local.triggers.scheduler import Scheduler
from cgraph_local.triggers.sent_messages import SentMessages
from cgraph_local.triggers.sqs import SqsClient
from cgraph_local.triggers.sqs_batch import (
    Message,
    failed_ids,
    fifo_order_violations,
    split_by_size,
    sqs_event,
)

PrintLine = Callable[[str], None]


class Triggers:
    def __init__(
        self, stack: Stack, *, host: LambdaHost, endpoints: Endpoints, print_line: PrintLine
    ) -> None:
        self._stack = stack
        self._host = host
        self._endpoints = endpoints
        self._print_line = print_line
        self._sqs = SqsClient(endpoints)
        self._sent = SentMessages(self._sqs)
        self._pollers: list[QueuePoller] = []
        self._scheduler = Scheduler(stack.schedules, host=host, print_line=print_line)
        self._ensure_lock = asyncio.Lock()

    async def start(self) -> None:
        await self._ensure_resources()
        self._start_pollers()

    async def stop(self) -> None:
        """Receives nothing more and waits for the events that functions have."""
        await self._stop_pollers()
        await self._sqs.close()

    async def apply(self, stack: Stack) -> None:
        """Replaces the pollers and schedules by those of a changed template."""
        await self._stop_pollers()
        self._stack = stack
        self._scheduler = Scheduler(stack.schedules, host=self._host, print_line=self._print_line)
        await self.start()

    def _start_pollers(self) -> None:
        self._pollers = [
            *(self._queue_poller(trigger) for trigger in self._stack.queue_triggers),
            *(self._bucket_poller(trigger) for trigger in self._stack.bucket_triggers),
        ]
        self._sent.start()
        for poller in self._pollers:
            poller.start()
        self._scheduler.start()

    async def _stop_pollers(self) -> None:
        await self._scheduler.stop()
        await asyncio.gather(*(poller.stop() for poller in self._pollers))
        await self._sent.stop()
        self._pollers = []

    async def _ensure_resources(self) -> None:
        async with self._ensure_lock:
            await ensure_queues(self._sqs, self._queues())
            await ensure_buckets(
                self._endpoints,
                buckets=self._stack.buckets.values(),
                triggers=self._stack.bucket_triggers,
            )

    def _queues(self) -> list[Queue]:
        queues = list(self._stack.queues.values())
        for trigger in self._stack.bucket_triggers:
            queues += [notification_dead_letters(trigger), notification_queue(trigger)]
        return queues

    def _queue_poller(self, trigger: QueueTrigger) -> QueuePoller:
        return self._poller(
            trigger.queue,
            handle_batch=self._queue_batch_handler(trigger),
            batch_size=trigger.batch_size,
            window=trigger.window,
            concurrency=trigger.maximum_concurrency or self._host.max_environments,
        )

    def _bucket_poller(self, trigger: BucketTrigger) -> QueuePoller:
        return self._poller(
            notification_queue(trigger).name,
            handle_batch=self._bucket_event_handler(trigger),
            batch_size=1,
            window=0.0,
            concurrency=self._host.max_environments,
        )

    def _poller(
        self,
        queue: str,
        *,
        handle_batch: BatchHandler,
        batch_size: int,
        window: float,
        concurrency: int,
    ) -> QueuePoller:
        return QueuePoller(
            queue,
            sqs=self._sqs,
            sent=self._sent,
            handle_batch=handle_batch,
            batch_size=batch_size,
            window=window,
            concurrency=concurrency,
            ensure_queues=self._ensure_resources,
            print_line=self._print_line,
        )

    def _queue_batch_handler(self, trigger: QueueTrigger) -> BatchHandler:
        arn = queue_arn(trigger.queue)

        async def handle_batch(messages: list[Message]) -> list[Message]:
            handled: list[Message] = []
            for batch in split_by_size(messages):
                event = sqs_event(batch, queue_arn=arn)
                result = await self._host.invoke(trigger.function, event)
                failed = failed_ids(result, messages=batch, partial=trigger.partial_failures)
                handled += [message for message in batch if message["MessageId"] not in failed]
                if failed and trigger.queue.endswith(".fifo"):
                    self._warn_of_lost_order(trigger, batch=batch, failed=failed)
            return handled

        return handle_batch

    def _warn_of_lost_order(
        self, trigger: QueueTrigger, *, batch: list[Message], failed: frozenset[str]
    ) -> None:
        violations = fifo_order_violations(batch, failed=failed)
        if violations:
            self._print_line(
                f"{trigger.function} did not report {', '.join(violations)} as failed, although "
                f"they follow a failed message of their group in {trigger.queue}: AWS deletes "
                "them, so the order of the group is lost"
            )

    def _bucket_event_handler(self, trigger: BucketTrigger) -> BatchHandler:
        async def handle_batch(messages: list[Message]) -> list[Message]:
            handled: list[Message] = []
            for message in messages:
                event = message["Body"].encode()
                if json.loads(event).get("Event") == "s3:TestEvent":
                    handled.append(message)
                    continue
                result = await self._host.invoke(trigger.function, event)
                if result.error is None:
                    handled.append(message)
            return handled

        return handle_batch
