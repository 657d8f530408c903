"""The event sources of functions besides the APIs: queues, schedules and buckets."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cgraph_local.template.resolved_template import ResolvedTemplate
from cgraph_local.template.schedule_expressions import InvalidScheduleExpression, due_times
from cgraph_local.template.stack import Bucket, BucketTrigger, Queue, QueueTrigger, Schedule
from cgraph_local.template.values import optional_int

SQS_ARN_PREFIX = "arn:aws:sqs:"


def read_queues(resolved: ResolvedTemplate) -> dict[str, Queue]:
    """By logical id."""
    queues = {}
    for name, properties in resolved.resources("AWS::SQS::Queue"):
        fifo = properties.get("FifoQueue") in (True, "true")
        redrive = properties.get("RedrivePolicy", {})
        queues[name] = Queue(
            name=resolved.physical_name(name),
            fifo=fifo,
            visibility_timeout=int(properties.get("VisibilityTimeout", 30)),
            dead_letter=_queue_name(redrive.get("deadLetterTargetArn")),
            max_receives=optional_int(redrive.get("maxReceiveCount")),
            delay=int(properties.get("DelaySeconds", 0)),
            retention=int(properties.get("MessageRetentionPeriod", 345_600)),
            receive_wait=int(properties.get("ReceiveMessageWaitTimeSeconds", 0)),
            deduplicates_content=properties.get("ContentBasedDeduplication") in (True, "true"),
        )
    return queues


def read_queue_triggers(resolved: ResolvedTemplate) -> Iterator[QueueTrigger]:
    for name, properties in resolved.resources("AWS::Lambda::EventSourceMapping"):
        if properties.get("Enabled") in (False, "false"):
            continue
        queue = _queue_name(properties.get("EventSourceArn"))
        if queue is None:
            resolved.add_problem(name, f"{properties.get('EventSourceArn')} is not an SQS queue")
            continue
        yield QueueTrigger(
            function=resolved.function_name(name, properties["FunctionName"]),
            queue=queue,
            batch_size=int(properties.get("BatchSize", 10)),
            window=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
            maximum_concurrency=optional_int(
                properties.get("ScalingConfig", {}).get("MaximumConcurrency")
            ),
            partial_failures="ReportBatchItemFailures"
            in properties.get("FunctionResponseTypes", []),
        )


def read_schedules(resolved: ResolvedTemplate) -> Iterator[Schedule]:
    for name, properties in resolved.resources("AWS::Events::Rule"):
        if "ScheduleExpression" not in properties:
            resolved.add_problem(name, "a rule without ScheduleExpression is not supported locally")
            continue
        for target in properties.get("Targets", []):
            yield _schedule(resolved, name, {**properties, "Target": target}, kind="rule")
    for name, properties in resolved.resources("AWS::Scheduler::Schedule"):
        yield _schedule(resolved, name, properties, kind="scheduler")


def _schedule(
    resolved: ResolvedTemplate, name: str, properties: Mapping[str, Any], *, kind: str
) -> Schedule:
    target = properties["Target"]
    for key in target.keys() - {"Arn", "Id", "Input", "RetryPolicy", "RoleArn"}:
        resolved.add_problem(name, f"the target's {key} is not supported locally")
    timezone = properties.get("ScheduleExpressionTimezone", "UTC")
    try:
        due_times(properties["ScheduleExpression"], timezone=timezone, start=datetime.now(UTC))
    except InvalidScheduleExpression as error:
        resolved.add_problem(name, str(error))
    return Schedule(
        name=name,
        function=resolved.function_name(name, target["Arn"]),
        expression=properties["ScheduleExpression"],
        input=target.get("Input"),
        enabled=properties.get("State", "ENABLED") == "ENABLED",
        kind=kind,
        timezone=timezone,
    )


def read_buckets(resolved: ResolvedTemplate) -> dict[str, Bucket]:
    """By logical id."""
    return {
        name: Bucket(resolved.physical_name(name))
        for name, _ in resolved.resources("AWS::S3::Bucket")
    }


def read_bucket_triggers(resolved: ResolvedTemplate) -> Iterator[BucketTrigger]:
    for name, properties in resolved.resources("AWS::S3::Bucket"):
        notifications = properties.get("NotificationConfiguration", {})
        for notification in notifications.get("LambdaConfigurations", []):
            rules = notification.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            filters = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
            yield BucketTrigger(
                bucket=resolved.physical_name(name),
                function=resolved.function_name(name, notification["Function"]),
                events=(notification["Event"],),
                prefix=filters.get("prefix", ""),
                suffix=filters.get("suffix", ""),
            )


def _queue_name(arn: object) -> str | None:
    return str(arn).rpartition(":")[2] if str(arn).startswith(SQS_ARN_PREFIX) else None
