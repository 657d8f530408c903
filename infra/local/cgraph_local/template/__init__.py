"""template.yaml as a `Stack`: the plain values that the local cloud runs."""

from cgraph_local.template.problems import Problem, TemplateRefused
from cgraph_local.template.stack import (
    Bucket,
    BucketTrigger,
    Cors,
    Function,
    HttpApi,
    HttpRoute,
    Queue,
    QueueTrigger,
    Schedule,
    SocketApi,
    SocketRoute,
    Stack,
)
from cgraph_local.template.stack_context import StackContext

__all__ = [
    "Bucket",
    "BucketTrigger",
    "Cors",
    "Function",
    "HttpApi",
    "HttpRoute",
    "Problem",
    "Queue",
    "QueueTrigger",
    "Schedule",
    "SocketApi",
    "SocketRoute",
    "Stack",
    "StackContext",
    "TemplateRefused",
]
