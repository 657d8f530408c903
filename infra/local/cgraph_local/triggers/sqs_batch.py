"""The SQS event of a batch of messages, and the function's response to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from cgraph_local.host import InvocationResult
from cgraph_local.template.pseudo_parameters import REGION

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

Message = Mapping[str, Any]


def sqs_event(messages: Sequence[Message], *, queue_arn: str) -> bytes:
    """As JSON."""
    return orjson.dumps(
        {"Records": [_record(message, queue_arn=queue_arn) for message in messages]}
    )


def split_by_size(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Splits messages into batches whose events stay below Lambda's limit of 6 MB."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        message_size = len(orjson.dumps(message))
        if batch and size + message_size > MAX_PAYLOAD_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += message_size
    if batch:
        yield batch


def failed_ids(
    result: InvocationResult, *, messages: Sequence[Message], partial: bool
) -> frozenset[str]:
    """The ids of the messages that are delivered again. A response that is not of the documented
    shape fails all of them. `partial`: the function reports batch item failures.
    """
    all_ids = frozenset(message["MessageId"] for message in messages)
    if result.error is not None:
        return all_ids
    if not partial:
        return frozenset()
    response = result.payload
    if not response:
        return frozenset()
    if not isinstance(response, dict) or "batchItemFailures" not in response:
        return all_ids
    failures = response["batchItemFailures"] or []
    if not isinstance(failures, list):
        return all_ids
    reported = [_identifier(failure) for failure in failures]
    if any(name not in all_ids for name in reported):
        return all_ids
    return frozenset(str(name) for name in reported)


def fifo_order_violations(messages: Sequence[Message], *, failed: frozenset[str]) -> list[str]:
    """The ids of messages that succeeded after a failed message of their FIFO group.

    Lambda deletes them, so the order of the group is lost: the function should have reported them
    as failed too.
    """
    failed_groups: set[str] = set()
    violations: list[str] = []
    for message in messages:
        group = message["Attributes"].get("MessageGroupId", "")
        if message["MessageId"] in failed:
            failed_groups.add(group)
        elif group in failed_groups:
            violations.append(message["MessageId"])
    return violations


def _identifier(failure: object) -> object:
    return failure.get("itemIdentifier") if isinstance(failure, dict) else None


def _record(message: Message, *, queue_arn: str) -> dict[str, object]:
    attributes = message.get("MessageAttributes", {})
    record: dict[str, object] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    if attributes:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _attribute(value: Mapping[str, Any]) -> dict[str, object]:
    attribute: dict[str, object] = {"stringListValues": [], "binaryListValues": []}
    for sqs_name, lambda_name in (("StringValue", "stringValue"), ("BinaryValue", "binaryValue")):
        if sqs_name in value:
            attribute[lambda_name] = value[sqs_name]
    return {**attribute, "dataType": value["DataType"]}
