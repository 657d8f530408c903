"""The event sources besides the APIs: SQS queues, S3 notifications and schedules."""

from cgraph_local.triggers.triggers import Triggers

__all__ = ["Triggers"]
