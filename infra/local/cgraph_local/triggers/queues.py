"""Creates the queues of a stack, or updates the attributes of those that exist."""

import json
from collections.abc import Iterable

from cgraph_local.template import Queue
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID, REGION
from cgraph_local.triggers.sqs import SqsClient, SqsError


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"


async def ensure_queues(sqs: SqsClient, queues: Iterable[Queue]) -> None:
    """Dead letter queues are created first, because other queues refer to them."""
    for queue in sorted(queues, key=lambda queue: queue.dead_letter is not None):
        await _ensure_queue(sqs, queue)


async def _ensure_queue(sqs: SqsClient, queue: Queue) -> None:
    attributes = _attributes(queue)
    try:
        await sqs.call(
            "SetQueueAttributes", QueueUrl=sqs.queue_url(queue.name), Attributes=attributes
        )
    except SqsError as error:
        if not error.is_missing_queue:
            raise
        fifo = {"FifoQueue": "true"} if queue.fifo else {}
        await sqs.call("CreateQueue", QueueName=queue.name, Attributes={**attributes, **fifo})


def _attributes(queue: Queue) -> dict[str, str]:
    attributes = {
        "DelaySeconds": str(queue.delay),
        "MessageRetentionPeriod": str(queue.retention),
        "ReceiveMessageWaitTimeSeconds": str(queue.receive_wait),
        "VisibilityTimeout": str(queue.visibility_timeout),
    }
    if queue.fifo:
        attributes["ContentBasedDeduplication"] = "true" if queue.deduplicates_content else "false"
    if queue.dead_letter is not None:
        attributes["RedrivePolicy"] = json.dumps(
            {
                "deadLetterTargetArn": queue_arn(queue.dead_letter),
                "maxReceiveCount": queue.max_receives,
            }
        )
    return attributes
