"""The queues that the application sends to, read as a worker would."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from cgraph_local.services import Endpoints
from tests.aws import aws_client

MOST = 10
"""Messages that SQS gives at once."""


class Queues:
    def __init__(
        self,
        endpoints: Endpoints,
        *,
        push: str,
        flushes: str,
        sockets: str,
        log: str,
        media: str,
        consumers: str,
    ) -> None:
        """Their URLs; of consumers as in the setting CONSUMER_QUEUE_URLS."""
        self._sqs = aws_client("sqs", url=endpoints.emulator_url, credentials=endpoints.credentials)
        self.push, self.flushes, self.sockets, self.log = push, flushes, sockets, log
        self.media = media
        self.consumers = dict(each.split("=", 1) for each in consumers.split())
        for url in (push, flushes, sockets, log, media, *self.consumers.values()):
            self.new(url.rpartition("/")[2])
        self._frames: defaultdict[str, list[str]] = defaultdict(list)

    def frames_for(self, connection: str) -> list[str]:
        """Those since the last time, in the order they were sent."""
        for job in self.drain(self.push):
            for delivery in job["deliveries"]:
                for target in delivery["connections"]:
                    self._frames[target] += delivery["frames"]
        return self._frames.pop(connection, [])

    def drain(self, url: str) -> list[Any]:
        jobs = []
        while messages := self._receive(url):
            jobs += [json.loads(message["Body"]) for message in messages]
            self._sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                    for place, message in enumerate(messages)
                ],
            )
            if len(messages) < MOST:  # the emulator gives all that there are
                break
        return jobs

    def new(self, name: str) -> str:
        """The URL of a queue of the test's own."""
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        return str(self._sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"])

    def send(self, url: str, body: str) -> None:
        self._sqs.send_message(QueueUrl=url, MessageBody=body)

    def records(self, url: str) -> list[dict[str, Any]]:
        """The messages that are visible now, as Lambda passes them to a worker."""
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{url.rpartition('/')[2]}",
            }
            for message in self._receive(url)
        ]

    def close(self) -> None:
        self._sqs.close()

    def _receive(self, url: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=MOST, AttributeNames=["ApproximateReceiveCount"]
        )
        return list(answer.get("Messages", []))
