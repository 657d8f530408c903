"""The result of invoking a function with one event."""

from dataclasses import dataclass
from enum import Enum


class InvocationError(Enum):
    UNHANDLED = "Unhandled"
    """The handler raised. The payload is Lambda's error document."""
    CRASHED = "Runtime.ExitError"
    """The process ended while it handled the event."""
    TIMED_OUT = "Sandbox.Timedout"
    """The function took longer than its timeout, so its process was killed."""
    THROTTLED = "TooManyRequestsException"
    """The function's reserved concurrency was exceeded."""
    IMPORT_FAILED = "Runtime.ImportModuleError"
    """The module could not be imported or has no such handler."""


@dataclass(frozen=True, slots=True)
class InvocationResult:
    payload: object
    """What the handler returned, or Lambda's error document."""
    error: InvocationError | None
    billed_ms: int
    request_id: str
    log: tuple[str, ...] = ()
    """The log lines of the invocation. Empty unless it was invoked with `tail=True`."""
