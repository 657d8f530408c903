"""One event loop per process, so that connections opened in one invocation serve the next.

It is asyncio's own: uvloop is faster on a server, but makes a pair of sockets at each call of
`run_until_complete`, which costs 30 to 50 µs a request more.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
_loop: asyncio.AbstractEventLoop | None = None


def current_loop() -> asyncio.AbstractEventLoop:
    """Also sets it as the thread's loop, since a stray `asyncio.run` would have cleared that."""
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
    asyncio.set_event_loop(_loop)
    return _loop


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end on the process's loop."""
    return current_loop().run_until_complete(work)
