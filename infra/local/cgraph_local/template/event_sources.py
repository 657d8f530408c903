"""What starts functions besides the APIs: queues, schedules and buckets."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cgraph_local.template.resolved_template import Reading
from cgraph_local.template.schedule_expressions import BadExpression, times
from cgraph_local.template.stack import Bucket, BucketTrigger, Queue, QueueTrigger, Schedule

SQS = "arn:aws:sqs:"


def read_queues(reading: Reading) -> dict[str, Queue]:
    """By logical id."""
    queues = {}
    for name, properties in reading.each("AWS::SQS::Queue"):
        fifo = properties.get("FifoQueue") in (True, "true")
        redrive = properties.get("RedrivePolicy", {})
        queues[name] = Queue(
            name=reading.name_of(name),
            fifo=fifo,
            visibility_timeout=int(properties.get("VisibilityTimeout", 30)),
            dead_letter=_queue_name(redrive.get("deadLetterTargetArn")),
            max_receives=_optional(redrive.get("maxReceiveCount")),
            delay=int(properties.get("DelaySeconds", 0)),
            retention=int(properties.get("MessageRetentionPeriod", 345_600)),
            receive_wait=int(properties.get("ReceiveMessageWaitTimeSeconds", 0)),
            deduplicates_content=properties.get("ContentBasedDeduplication") in (True, "true"),
        )
    return queues


def read_queue_triggers(reading: Reading) -> Iterator[QueueTrigger]:
    for name, properties in reading.each("AWS::Lambda::EventSourceMapping"):
        if properties.get("Enabled") in (False, "false"):
            continue
        queue = _queue_name(properties.get("EventSourceArn"))
        if queue is None:
            reading.refuse(name, f"{properties.get('EventSourceArn')} is not an SQS queue")
            continue
        yield QueueTrigger(
            function=reading.function(name, properties["FunctionName"]),
            queue=queue,
            batch_size=int(properties.get("BatchSize", 10)),
            window=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
            maximum_concurrency=_optional(
                properties.get("ScalingConfig", {}).get("MaximumConcurrency")
            ),
            partial_failures="ReportBatchItemFailures"
            in properties.get("FunctionResponseTypes", []),
        )


def read_schedules(reading: Reading) -> Iterator[Schedule]:
    for name, properties in reading.each("AWS::Events::Rule"):
        if "ScheduleExpression" not in properties:
            reading.refuse(name, "a rule without ScheduleExpression is not carried out locally")
            continue
        for target in properties.get("Targets", []):
            yield _schedule(reading, name, {**properties, "Target": target}, kind="rule")
    for name, properties in reading.each("AWS::Scheduler::Schedule"):
        yield _schedule(reading, name, properties, kind="scheduler")


def _schedule(reading: Reading, name: str, properties: Mapping[str, Any], *, kind: str) -> Schedule:
    target = properties["Target"]
    for key in target.keys() - {"Arn", "Id", "Input", "RetryPolicy", "RoleArn"}:
        reading.refuse(name, f"the target's {key} is not carried out locally")
    timezone = properties.get("ScheduleExpressionTimezone", "UTC")
    try:
        times(properties["ScheduleExpression"], timezone=timezone, start=datetime.now(UTC))
    except BadExpression as bad:
        reading.refuse(name, str(bad))
    return Schedule(
        name=name,
        function=reading.function(name, target["Arn"]),
        expression=properties["ScheduleExpression"],
        input=target.get("Input"),
        enabled=properties.get("State", "ENABLED") == "ENABLED",
        kind=kind,
        timezone=timezone,
    )


def read_buckets(reading: Reading) -> dict[str, Bucket]:
    """By logical id."""
    return {name: Bucket(reading.name_of(name)) for name, _ in reading.each("AWS::S3::Bucket")}


def read_bucket_triggers(reading: Reading) -> Iterator[BucketTrigger]:
    for name, properties in reading.each("AWS::S3::Bucket"):
        notifications = properties.get("NotificationConfiguration", {})
        for wanted in notifications.get("LambdaConfigurations", []):
            rules = wanted.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            names = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
            yield BucketTrigger(
                bucket=reading.name_of(name),
                function=reading.function(name, wanted["Function"]),
                events=(wanted["Event"],),
                prefix=names.get("prefix", ""),
                suffix=names.get("suffix", ""),
            )


def _queue_name(arn: object) -> str | None:
    return str(arn).rpartition(":")[2] if str(arn).startswith(SQS) else None


def _optional(value: object) -> int | None:
    return None if value is None else int(str(value))
