"""A stack whose parameters, conditions and intrinsic functions have all been evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

UNPUBLISHED = "$LATEST"
"""Lambda's version of a function without an alias."""


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    handler: str
    timeout: int
    """Seconds."""
    memory_mb: int
    environment: Mapping[str, str]
    reserved_concurrency: int | None
    code: Path
    """The folder that is /var/task on Lambda."""
    layers: tuple[Path, ...] = ()
    """Folders whose packages are importable, as /opt/python is on Lambda."""
    version: str = UNPUBLISHED
    """That of its alias, if it has one."""


@dataclass(frozen=True, slots=True)
class HttpRoute:
    method: str
    """Upper case, or ANY."""
    path: str
    """As in the template, with `{name}` and `{name+}`; `$default` for the default route."""
    function: str
    timeout: float = 30.0
    """Seconds the gateway waits for the function."""


@dataclass(frozen=True, slots=True)
class Cors:
    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class HttpApi:
    id: str
    stage: str
    routes: tuple[HttpRoute, ...]
    throttle_rate: float | None
    """Requests a second; None means the limit of the account."""
    throttle_burst: int | None
    cors: Cors | None = None
    stage_variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SocketRoute:
    key: str
    function: str
    responds: bool
    """The route has a RouteResponse: the body that the function returns is sent to the client."""
    timeout: float = 29.0


@dataclass(frozen=True, slots=True)
class SocketApi:
    id: str
    stage: str
    selection: str
    """For example `$request.body.action`."""
    routes: tuple[SocketRoute, ...]
    throttle_rate: float | None
    throttle_burst: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    fifo: bool
    visibility_timeout: int
    dead_letter: str | None
    """The name of the queue for messages that were received `max_receives` times and failed."""
    max_receives: int | None
    delay: int
    retention: int
    receive_wait: int
    deduplicates_content: bool


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    function: str
    queue: str
    batch_size: int
    window: float
    """Seconds to wait for a batch to fill."""
    maximum_concurrency: int | None
    partial_failures: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    name: str
    function: str
    expression: str
    """`rate(…)` or `cron(…)`."""
    input: str | None
    """JSON that the function gets instead of AWS's own event."""
    enabled: bool
    kind: str
    """`rule` (an EventBridge rule) or `scheduler` (EventBridge Scheduler)."""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Bucket:
    """`queue`: the name of the one that is sent what is created below `prefix`; empty for none."""

    name: str
    versioned: bool = False
    queue: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class BucketTrigger:
    bucket: str
    function: str
    events: tuple[str, ...]
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Stack:
    functions: Mapping[str, Function]
    http_api: HttpApi | None = None
    socket_api: SocketApi | None = None
    queues: Mapping[str, Queue] = field(default_factory=dict)
    queue_triggers: tuple[QueueTrigger, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    bucket_triggers: tuple[BucketTrigger, ...] = ()

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins that the HTTP API's CORS configuration names."""
        cors = self.http_api.cors if self.http_api else None
        return frozenset(cors.allow_origins) - {"*"} if cors else frozenset()
