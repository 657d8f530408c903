"""SQS. boto3 comes in on the first message a process sends: most requests tell nobody."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.client import BaseClient

BATCH = 10
BATCH_BYTES = 1_000_000
"""What one call may carry: SQS's own limits are 10 messages, and 1 MiB in all."""


class QueueUnavailable(Exception):
    """Some or all of the messages were not taken."""


def send(queue_url: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
    """At most `BATCH` bodies of `BATCH_BYTES` in all, in one call. Raises QueueUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    entries = [
        {"Id": str(number), "MessageBody": body, "DelaySeconds": delay_seconds}
        for number, body in enumerate(bodies)
    ]
    try:
        answer = _sqs().send_message_batch(QueueUrl=queue_url, Entries=entries)
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(str(error)) from error
    if answer.get("Failed"):
        raise QueueUnavailable(str(answer["Failed"]))


def ping(queue_url: str) -> None:
    """Raises QueueUnavailable where SQS does not answer for this queue."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _sqs().get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(str(error)) from error


def forget() -> None:
    """The client and its credentials were another environment's."""
    _sqs.cache_clear()


@lru_cache(maxsize=1)
def _sqs() -> "BaseClient":
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=1, read_timeout=3, retries={"max_attempts": 2, "mode": "standard"}
    )
    return boto3.client("sqs", config=config)
