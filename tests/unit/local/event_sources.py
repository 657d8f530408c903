"""Queues and their triggers, as the template would have them."""

from typing import Any

from cgraph_local.template import Queue, QueueTrigger


def new_queue(name: str, *, dead_letter: str | None = None, **more: Any) -> Queue:
    return Queue(
        name=name,
        fifo=name.endswith(".fifo"),
        visibility_timeout=more.get("visibility", 1),
        dead_letter=dead_letter,
        max_receives=more.get("receives", 2) if dead_letter else None,
        delay=0,
        retention=600,
        receive_wait=0,
        deduplicates_content=False,
    )


def new_trigger(function: str, queue: str, **more: Any) -> QueueTrigger:
    return QueueTrigger(
        function=function,
        queue=queue,
        batch_size=more.get("batch_size", 10),
        window=more.get("window", 0.0),
        maximum_concurrency=more.get("concurrency"),
        partial_failures=more.get("partial", True),
    )
