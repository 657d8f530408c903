"""Dead letter queues: lists their messages and sends them back to their source."""

import json
from dataclasses import dataclass
from typing import Any

from cgraph_local.triggers.sqs import SqsClient


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: str
    body: str
    receive_count: int


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    name: str
    source: str
    """The queue whose messages it takes after too many failures."""

    async def messages(self, sqs: SqsClient) -> list[DeadLetter]:
        """Those that are visible now. They stay in the queue."""
        messages = await self._receive_all(sqs)
        for message in messages:
            await self._make_visible(sqs, message)
        return [
            DeadLetter(
                message["MessageId"],
                message["Body"],
                int(message["Attributes"]["ApproximateReceiveCount"]),
            )
            for message in messages
        ]

    async def redrive(self, sqs: SqsClient) -> int:
        """Moves all messages back to the source and returns their number. Each is sent before it is
        deleted here, so it is never lost but may be sent twice.
        """
        messages = await self._receive_all(sqs)
        for message in messages:
            group = message["Attributes"].get("MessageGroupId")
            fifo = {} if group is None else {"MessageGroupId": group}
            if self.source.endswith(".fifo"):
                # With its first deduplication id the source might still drop it as a duplicate.
                fifo["MessageDeduplicationId"] = message["MessageId"]
            await sqs.call(
                "SendMessage",
                QueueUrl=sqs.queue_url(self.source),
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
                **fifo,
            )
            await sqs.delete(self.name, receipt_handles=[message["ReceiptHandle"]])
        return len(messages)

    async def _receive_all(self, sqs: SqsClient) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while received := await sqs.receive(self.name, max_messages=10, wait_seconds=0):
            messages += received
        return messages

    async def _make_visible(self, sqs: SqsClient, message: dict[str, Any]) -> None:
        await sqs.call(
            "ChangeMessageVisibility",
            QueueUrl=sqs.queue_url(self.name),
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=0,
        )


async def find_dead_letter_queues(sqs: SqsClient) -> list[DeadLetterQueue]:
    """Each queue that another one names in its redrive policy."""
    queues = []
    for url in (await sqs.call("ListQueues")).get("QueueUrls", []):
        source = url.rpartition("/")[2]
        result = await sqs.call(
            "GetQueueAttributes",
            QueueUrl=sqs.queue_url(source),
            AttributeNames=["RedrivePolicy"],
        )
        policy = result.get("Attributes", {}).get("RedrivePolicy")
        if policy:
            arn = json.loads(policy)["deadLetterTargetArn"]
            queues.append(DeadLetterQueue(arn.rpartition(":")[2], source))
    return queues
