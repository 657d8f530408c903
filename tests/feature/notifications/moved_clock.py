"""Workers at a moment of the test's choice, or for a moment only."""

from __future__ import annotations

import json
import resource
from datetime import datetime
from typing import Any
from unittest.mock import patch

from tests.feature.environment import work_off
from tests.feature.notifications.inbox import CONSUMER
from tests.feature.world import World


def _work_off_at(now: datetime, function: str, event: dict[str, Any]) -> Any:
    """In a process of the functions, whose clock stands still meanwhile."""
    from cgraph.core import clock

    with patch.object(clock, "now", lambda: now):
        return work_off(function, event)


async def work_off_at(
    world: World, now: datetime, function: str, job: object, *, many: bool = False
) -> bool:
    """Whether the worker did the job. `many`: in one of several processes."""
    record = {
        "messageId": "0",
        "receiptHandle": "of no queue",
        "body": json.dumps(job),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
    }
    result = await world.run(_work_off_at, now, function, {"Records": [record]}, many=many)
    return bool(result == {"batchItemFailures": []})


def work_for_a_moment(busy: int) -> None:
    """The consumer does some batches. In a process of the functions, where a stream with more than
    `busy` events waits for its turn."""
    from cgraph.notifications import consumer, looking_ahead

    job = {"messageId": "0", "body": '{"shard": null}'}
    with (
        patch.object(consumer, "WORK_SECONDS", 0.1),
        patch.object(looking_ahead, "BUSY_EVENTS", busy),
    ):
        work_off(CONSUMER, {"Records": [job]})


def peak_memory_mb() -> int:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
