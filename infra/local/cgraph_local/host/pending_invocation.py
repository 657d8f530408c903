"""One event on its way through the host."""

import asyncio
import time

import orjson

from cgraph_local.host.invocation import Error, Invocation


class Job:
    __slots__ = ("began", "cold_ms", "done", "event", "lines", "request_id")

    def __init__(self, event: bytes, *, request_id: str, tail: bool) -> None:
        self.event = event
        self.request_id = request_id
        self.done: asyncio.Future[Invocation] = asyncio.get_running_loop().create_future()
        self.lines: list[str] | None = [] if tail else None
        self.began = 0.0
        self.cold_ms = 0.0

    def finish(self, payload: bytes, *, error: Error | None) -> None:
        """A caller that has gone away in the meantime is nobody's error."""
        if self.done.done():
            return
        took = time.monotonic() - self.began if self.began else 0.0
        billed = int(took * 1000 + self.cold_ms) + 1
        lines = tuple(self.lines) if self.lines else ()
        self.done.set_result(
            Invocation(orjson.loads(payload), error, billed, self.request_id, lines)
        )

    def fail(self, error: Error, message: str) -> None:
        """End with Lambda's own document for what the host itself found."""
        document = {
            "errorType": error.value,
            "errorMessage": f"RequestId: {self.request_id} Error: {message}",
        }
        self.finish(orjson.dumps(document), error=error)
