"""What `template.yaml` says, as the plain values the local cloud runs."""

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

__all__ = [
    "Bucket",
    "BucketTrigger",
    "Cors",
    "Function",
    "HttpApi",
    "HttpRoute",
    "Queue",
    "QueueTrigger",
    "Schedule",
    "SocketApi",
    "SocketRoute",
    "Stack",
]
