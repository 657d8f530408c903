"""Messages that failed too often, and their way back."""

import json
from dataclasses import dataclass
from typing import Any

from cgraph_local.triggers.sqs import Sqs


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    body: str
    receives: int


@dataclass(frozen=True, slots=True)
class DeadLetters:
    name: str
    source: str
    """The queue they failed in."""

    async def read(self, sqs: Sqs) -> list[Letter]:
        """What is visible now; it stays where it is."""
        letters = []
        messages = await self._receive_all(sqs)
        for message in messages:
            receives = int(message["Attributes"]["ApproximateReceiveCount"])
            letters.append(Letter(message["MessageId"], message["Body"], receives))
        for message in messages:
            await self._release(sqs, message)
        return letters

    async def redrive(self, sqs: Sqs) -> int:
        """Each is sent to the source before it is deleted here: never lost, at worst twice."""
        messages = await self._receive_all(sqs)
        for message in messages:
            group = message["Attributes"].get("MessageGroupId")
            own = {} if group is None else {"MessageGroupId": group}
            if self.source.endswith(".fifo"):
                # Its first identity may still be remembered, and the message be dropped for it.
                own["MessageDeduplicationId"] = message["MessageId"]
            await sqs.call(
                "SendMessage",
                QueueUrl=sqs.queue_url(self.source),
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
                **own,
            )
            await sqs.delete(self.name, receipts=[message["ReceiptHandle"]])
        return len(messages)

    async def _receive_all(self, sqs: Sqs) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while more := await sqs.receive(self.name, most=10, wait=0):
            messages += more
        return messages

    async def _release(self, sqs: Sqs, message: dict[str, Any]) -> None:
        await sqs.call(
            "ChangeMessageVisibility",
            QueueUrl=sqs.queue_url(self.name),
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=0,
        )


async def find_dead_letters(sqs: Sqs) -> list[DeadLetters]:
    """Each queue that another one names in its redrive policy."""
    found = []
    for url in (await sqs.call("ListQueues")).get("QueueUrls", []):
        source = url.rpartition("/")[2]
        answer = await sqs.call(
            "GetQueueAttributes",
            QueueUrl=sqs.queue_url(source),
            AttributeNames=["RedrivePolicy"],
        )
        policy = answer.get("Attributes", {}).get("RedrivePolicy")
        if policy:
            arn = json.loads(policy)["deadLetterTargetArn"]
            found.append(DeadLetters(arn.rpartition(":")[2], source))
    return found
