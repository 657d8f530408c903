"""All that starts functions of a stack besides its APIs."""

import asyncio
import json
from collections.abc import Callable

from cgraph_local.host import LambdaHost
from cgraph_local.template import BucketTrigger, Queue, QueueTrigger, Stack
from cgraph_local.triggers.buckets import (
    ensure_buckets,
    notification_dead_letters,
    notification_queue,
)
from cgraph_local.triggers.queue_poller import Poller, Work
from cgraph_local.triggers.queues import ensure_queues, queue_arn
from cgraph_local.triggers.scheduler import Timers
from cgraph_local.triggers.sqs import Sqs
from cgraph_local.triggers.sqs_batch import Message, event_of, failed_ids, fitting, out_of_order

Say = Callable[[str], None]


class Triggers:
    def __init__(self, stack: Stack, *, host: LambdaHost, emulator: str, say: Say) -> None:
        self._stack = stack
        self._host = host
        self._emulator = emulator
        self._say = say
        self._sqs = Sqs(emulator)
        self._pollers: list[Poller] = []
        self._timers = Timers(stack.schedules, host=host, say=say)
        self._mending = asyncio.Lock()

    async def start(self) -> None:
        await self._ensure()
        self._begin()

    async def stop(self) -> None:
        """Nothing new is taken; what is with a function ends."""
        await self._end()
        await self._sqs.close()

    async def apply(self, stack: Stack) -> None:
        """The template has changed."""
        await self._end()
        self._stack = stack
        self._timers = Timers(stack.schedules, host=self._host, say=self._say)
        await self.start()

    def _begin(self) -> None:
        self._pollers = [
            *(self._queue_poller(trigger) for trigger in self._stack.queue_triggers),
            *(self._bucket_poller(trigger) for trigger in self._stack.bucket_triggers),
        ]
        for poller in self._pollers:
            poller.start()
        self._timers.start()

    async def _end(self) -> None:
        await self._timers.stop()
        await asyncio.gather(*(poller.stop() for poller in self._pollers))
        self._pollers = []

    async def _ensure(self) -> None:
        async with self._mending:
            await ensure_queues(self._sqs, self._queues())
            await ensure_buckets(
                self._emulator,
                buckets=self._stack.buckets.values(),
                triggers=self._stack.bucket_triggers,
            )

    def _queues(self) -> list[Queue]:
        queues = list(self._stack.queues.values())
        for trigger in self._stack.bucket_triggers:
            queues += [notification_dead_letters(trigger), notification_queue(trigger)]
        return queues

    def _queue_poller(self, trigger: QueueTrigger) -> Poller:
        return self._poller(
            trigger.queue,
            work=self._queue_work(trigger),
            batch_size=trigger.batch_size,
            window=trigger.window,
            concurrency=trigger.maximum_concurrency or self._host.ceiling,
        )

    def _bucket_poller(self, trigger: BucketTrigger) -> Poller:
        return self._poller(
            notification_queue(trigger).name,
            work=self._bucket_work(trigger),
            batch_size=1,
            window=0.0,
            concurrency=self._host.ceiling,
        )

    def _poller(
        self, queue: str, *, work: Work, batch_size: int, window: float, concurrency: int
    ) -> Poller:
        return Poller(
            queue,
            sqs=self._sqs,
            work=work,
            batch_size=batch_size,
            window=window,
            concurrency=concurrency,
            mend=self._ensure,
            say=self._say,
        )

    def _queue_work(self, trigger: QueueTrigger) -> Work:
        arn = queue_arn(trigger.queue)

        async def work(messages: list[Message]) -> list[Message]:
            done: list[Message] = []
            for batch in fitting(messages):
                invocation = await self._host.invoke(trigger.function, event_of(batch, arn=arn))
                failed = failed_ids(invocation, messages=batch, partial=trigger.partial_failures)
                done += [message for message in batch if message["MessageId"] not in failed]
                if failed and trigger.queue.endswith(".fifo"):
                    self._warn_of_order(trigger, batch=batch, failed=failed)
            return done

        return work

    def _warn_of_order(
        self, trigger: QueueTrigger, *, batch: list[Message], failed: frozenset[str]
    ) -> None:
        astray = out_of_order(batch, failed=failed)
        if astray:
            self._say(
                f"{trigger.function} did not report {', '.join(astray)}, which follow a message it "
                f"failed in their group of {trigger.queue}: AWS deletes them, their order is lost"
            )

    def _bucket_work(self, trigger: BucketTrigger) -> Work:
        async def work(messages: list[Message]) -> list[Message]:
            done: list[Message] = []
            for message in messages:
                event = message["Body"].encode()
                if json.loads(event).get("Event") == "s3:TestEvent":
                    done.append(message)
                    continue
                invocation = await self._host.invoke(trigger.function, event)
                if invocation.error is None:
                    done.append(message)
            return done

        return work
