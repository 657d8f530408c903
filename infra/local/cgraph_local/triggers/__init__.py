"""What starts functions besides the APIs: SQS queues, S3 notifications, timers."""

from cgraph_local.triggers.triggers import Triggers

__all__ = ["Triggers"]
