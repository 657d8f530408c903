"""A small client of SQS's JSON protocol. It is called at least once for each message, so it is
faster than boto3.
"""

from typing import Any

import aiohttp
import orjson

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID

MISSING_QUEUE_CODES = frozenset(("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"))
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=2)
CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, ConnectionError)
"""What a call raises while the emulator does not run."""


class SqsError(Exception):
    """SQS refused a call. `code`: its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code

    @property
    def is_missing_queue(self) -> bool:
        return self.code in MISSING_QUEUE_CODES


class SqsClient:
    """Each call may raise SqsError or one of CONNECTION_ERRORS."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._url = endpoints.emulator_url
        self._session = aiohttp.ClientSession(
            headers=endpoints.credentials.emulator_headers("sqs"),
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(limit=0),
        )

    def queue_url(self, name: str) -> str:
        return f"{self._url}/{ACCOUNT_ID}/{name}"

    async def call(self, action: str, **parameters: object) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"AmazonSQS.{action}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        body = orjson.dumps(parameters)
        async with self._session.post(self._url, data=body, headers=headers) as response:
            content = await response.read()
            result: dict[str, Any] = orjson.loads(content) if content else {}
            if response.status != 200:
                code = str(result.get("__type", response.status)).rpartition("#")[2]
                raise SqsError(code, str(result.get("message", result.get("Message", ""))))
            return result

    async def receive(
        self, queue: str, *, max_messages: int, wait_seconds: int
    ) -> list[dict[str, Any]]:
        result = await self.call(
            "ReceiveMessage",
            QueueUrl=self.queue_url(queue),
            MaxNumberOfMessages=max_messages,
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(result.get("Messages", []))

    async def sends(self, *, after: int) -> tuple[int, list[str]]:
        """The queues that got messages after the change with this number, and the number of the
        last one. Without any it waits some seconds. Of the local cloud's guard, not of SQS.
        """
        async with self._session.get(f"{self._url}/_cgraph/sends?after={after}") as response:
            response.raise_for_status()
            result = orjson.loads(await response.read())
            return int(result["number"]), list(result["queues"])

    async def delete(self, queue: str, *, receipt_handles: list[str]) -> list[str]:
        """Returns the error messages of those that could not be deleted."""
        failures: list[str] = []
        for start in range(0, len(receipt_handles), 10):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(receipt_handles[start : start + 10])
            ]
            result = await self.call(
                "DeleteMessageBatch", QueueUrl=self.queue_url(queue), Entries=entries
            )
            failures += [str(failed.get("Message")) for failed in result.get("Failed", [])]
        return failures

    async def close(self) -> None:
        await self._session.close()
