"""Stands for the Lambda host where only what it is called with matters."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from cgraph_local.host import InvocationError, InvocationResult

Handler = Callable[[list[dict[str, Any]]], object]


class FakeHost:
    """A function is a Python function of records."""

    max_environments = 4

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.batches: dict[str, list[list[dict[str, Any]]]] = {}
        self.concurrency = self.max_concurrency = 0
        self.duration = 0.0

    async def invoke(self, function: str, event: Mapping[str, object] | bytes) -> InvocationResult:
        assert isinstance(event, bytes)
        records = json.loads(event)["Records"]
        self.batches.setdefault(function, []).append(records)
        self.concurrency += 1
        self.max_concurrency = max(self.max_concurrency, self.concurrency)
        await asyncio.sleep(self.duration)
        self.concurrency -= 1
        response = self.handlers[function](records) if function in self.handlers else None
        error = response if isinstance(response, InvocationError) else None
        return InvocationResult(None if error else response, error, billed_ms=1, request_id="r")

    def bodies(self, function: str) -> list[str]:
        return [record["body"] for batch in self.batches.get(function, []) for record in batch]
