"""One event loop a process: connections opened in one invocation serve the next."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")
_loop: asyncio.AbstractEventLoop | None = None


def current_loop() -> asyncio.AbstractEventLoop:
    """Also sets it as the thread's loop, since a stray `asyncio.run` would have cleared that."""
    global _loop
    if _loop is None:
        _loop = uvloop.new_event_loop()
    asyncio.set_event_loop(_loop)
    return _loop


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end on the process's loop."""
    return current_loop().run_until_complete(work)
