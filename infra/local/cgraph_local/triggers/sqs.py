"""A lean client of SQS's JSON protocol: it runs once or more for each message."""

from typing import Any

import aiohttp
import orjson

from cgraph_local.template.stack_context import ACCOUNT

NO_QUEUE = frozenset(("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"))
PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=2)
AWAY = (aiohttp.ClientError, TimeoutError, ConnectionError)
"""What a call raises while the emulator is not there."""


class SqsError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code

    @property
    def is_missing_queue(self) -> bool:
        return self.code in NO_QUEUE


class Sqs:
    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(
            timeout=PATIENCE, connector=aiohttp.TCPConnector(limit=0)
        )

    def queue_url(self, name: str) -> str:
        return f"{self._url}/{ACCOUNT}/{name}"

    async def call(self, action: str, **parameters: object) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"AmazonSQS.{action}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        body = orjson.dumps(parameters)
        async with self._session.post(self._url, data=body, headers=headers) as response:
            content = await response.read()
            answer: dict[str, Any] = orjson.loads(content) if content else {}
            if response.status != 200:
                code = str(answer.get("__type", response.status)).rpartition("#")[2]
                raise SqsError(code, str(answer.get("message", answer.get("Message", ""))))
            return answer

    async def receive(self, queue: str, *, most: int, wait: int) -> list[dict[str, Any]]:
        answer = await self.call(
            "ReceiveMessage",
            QueueUrl=self.queue_url(queue),
            MaxNumberOfMessages=most,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    async def delete(self, queue: str, *, receipts: list[str]) -> list[str]:
        """What could not be deleted, as SQS says it."""
        failures: list[str] = []
        for start in range(0, len(receipts), 10):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt}
                for number, receipt in enumerate(receipts[start : start + 10])
            ]
            answer = await self.call(
                "DeleteMessageBatch", QueueUrl=self.queue_url(queue), Entries=entries
            )
            failures += [str(failed.get("Message")) for failed in answer.get("Failed", [])]
        return failures

    async def close(self) -> None:
        await self._session.close()
