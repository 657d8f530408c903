"""A batch of messages, as Lambda gives it to a function and as the function answers it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from cgraph_local.host import Invocation
from cgraph_local.template.stack_context import REGION

MAX_PAYLOAD = 6 * 1024 * 1024

Message = Mapping[str, Any]


def event_of(messages: Sequence[Message], *, arn: str) -> bytes:
    return orjson.dumps({"Records": [_record(message, arn=arn) for message in messages]})


def fitting(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Cut where the event would pass Lambda's 6 MB."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        weight = len(orjson.dumps(message))
        if batch and size + weight > MAX_PAYLOAD:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += weight
    if batch:
        yield batch


def failed_ids(
    invocation: Invocation, *, messages: Sequence[Message], partial: bool
) -> frozenset[str]:
    """The messages that are to come again. An answer that is not what AWS documents fails all."""
    everything = frozenset(message["MessageId"] for message in messages)
    if invocation.error is not None:
        return everything
    if not partial:
        return frozenset()
    answer = invocation.payload
    if not answer:
        return frozenset()
    if not isinstance(answer, dict) or "batchItemFailures" not in answer:
        return everything
    failures = answer["batchItemFailures"] or []
    if not isinstance(failures, list):
        return everything
    named = [_identifier(failure) for failure in failures]
    if any(name not in everything for name in named):
        return everything
    return frozenset(str(name) for name in named)


def out_of_order(messages: Sequence[Message], *, failed: frozenset[str]) -> list[str]:
    """Messages that a FIFO function let succeed after a failed one of their group.

    Lambda deletes them, and with them the order: the function ought to have reported them too.
    """
    stopped: set[str] = set()
    astray: list[str] = []
    for message in messages:
        group = message["Attributes"].get("MessageGroupId", "")
        if message["MessageId"] in failed:
            stopped.add(group)
        elif group in stopped:
            astray.append(message["MessageId"])
    return astray


def _identifier(failure: object) -> object:
    return failure.get("itemIdentifier") if isinstance(failure, dict) else None


def _record(message: Message, *, arn: str) -> dict[str, object]:
    attributes = message.get("MessageAttributes", {})
    record: dict[str, object] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }
    if attributes:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _attribute(value: Mapping[str, Any]) -> dict[str, object]:
    shaped: dict[str, object] = {"stringListValues": [], "binaryListValues": []}
    for theirs, ours in (("StringValue", "stringValue"), ("BinaryValue", "binaryValue")):
        if theirs in value:
            shaped[ours] = value[theirs]
    return {**shaped, "dataType": value["DataType"]}
