"""python -m tests.opensearch_keeper FOLDER PID: one OpenSearch for all processes of a test run.

It runs until it is asked to end or the process PID, whose run it is, has ended. A process of the
run could not keep it: those of xdist end before the last test does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Services

URL, PID = "url", "pid"
"""Files in the folder; the first appears when the node is ready."""
LOOK_SECONDS = 1.0


async def keep(folder: Path, owner: int) -> None:
    home = Home(folder)
    services = Services(home, only=["opensearch"])
    with home.lock():
        try:
            endpoints = await services.start(Progress())
            (folder / "new").write_text(endpoints.opensearch_url)
            (folder / "new").rename(folder / URL)
            await _end(owner)
        finally:
            await services.stop()


async def _end(owner: int) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    while psutil.pid_exists(owner) and not asked.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), LOOK_SECONDS)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(mode=0o711, exist_ok=True)
    if child := os.fork():  # so that it is no child of the process that happened to need it first
        (place / PID).write_text(str(child))
    else:
        asyncio.run(keep(place, int(sys.argv[2])))
