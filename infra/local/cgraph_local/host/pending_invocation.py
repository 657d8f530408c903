"""An event that waits for an execution environment or is handled by one."""

import asyncio
import time

import orjson

from cgraph_local.host.invocation import InvocationError, InvocationResult


class PendingInvocation:
    __slots__ = ("event", "init_ms", "log_lines", "request_id", "result", "started_at")

    def __init__(self, event: bytes, *, request_id: str, tail: bool) -> None:
        """`tail`: collect the log lines, as Lambda does for `LogType=Tail`."""
        self.event = event
        self.request_id = request_id
        self.result: asyncio.Future[InvocationResult] = asyncio.get_running_loop().create_future()
        self.log_lines: list[str] | None = [] if tail else None
        self.started_at = 0.0
        self.init_ms = 0.0

    def finish(self, payload: bytes, *, error: InvocationError | None) -> None:
        """Does nothing when the caller has been cancelled in the meantime."""
        if self.result.done():
            return
        seconds = time.monotonic() - self.started_at if self.started_at else 0.0
        billed_ms = int(seconds * 1000 + self.init_ms) + 1
        log_lines = tuple(self.log_lines) if self.log_lines else ()
        self.result.set_result(
            InvocationResult(orjson.loads(payload), error, billed_ms, self.request_id, log_lines)
        )

    def fail(self, error: InvocationError, message: str) -> None:
        """Finishes with Lambda's error document for an error that the host found."""
        document = {
            "errorType": error.value,
            "errorMessage": f"RequestId: {self.request_id} Error: {message}",
        }
        self.finish(orjson.dumps(document), error=error)
