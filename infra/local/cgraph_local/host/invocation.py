"""What came of giving one event to one function."""

from dataclasses import dataclass
from enum import Enum


class Error(Enum):
    UNHANDLED = "Unhandled"
    """The handler raised; the payload is Lambda's error document."""
    CRASHED = "Runtime.ExitError"
    """The process died while it had the event."""
    TIMED_OUT = "Sandbox.Timedout"
    """The function's time was over; its process was killed."""
    THROTTLED = "TooManyRequestsException"
    """More events at once than the function's reserved concurrency."""
    IMPORT_FAILED = "Runtime.ImportModuleError"
    """The module could not be imported or has no such handler."""


@dataclass(frozen=True, slots=True)
class Invocation:
    payload: object
    """What the handler returned, or Lambda's error document."""
    error: Error | None
    billed_ms: int
    request_id: str
    log: tuple[str, ...] = ()
    """The lines written during the invocation, when they were asked for."""
