"""Makes a service fail or stay down, from another process than the local cloud's (for the
proofs).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cgraph_local.core.home import Home

TIMEOUT_SECONDS = 15.0


def hold_file(home: Home, name: str) -> Path:
    """While this file exists, a service that has ended is not started again."""
    return home.path / f"{name}.hold"


@contextmanager
def outage(home: Home, name: str, *, start_seconds: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """The service is down inside the block and runs again, on the same port, after it. Raises
    TimeoutError, also where a start takes longer than `start_seconds`.
    """
    file = hold_file(home, name)
    file.touch()
    try:
        kill(home, name)
        _wait(home, name, up=False)
        yield
    finally:
        file.unlink(missing_ok=True)
    _wait(home, name, up=True, seconds=start_seconds)


def kill(home: Home, name: str) -> None:
    """Sends SIGKILL. The supervisor starts the service again at once."""
    number = pid(home, name)
    if number is not None:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def pid(home: Home, name: str) -> int | None:
    """None while the service is down."""
    number = _entry(home, name).get("pid")
    return int(number) if number is not None else None


def _is_up(home: Home, name: str) -> bool:
    return bool(_entry(home, name).get("ready"))


def _entry(home: Home, name: str) -> dict[str, Any]:
    services = (home.read_run() or {}).get("services") or {}
    return dict(services.get(name) or {})


def _wait(home: Home, name: str, *, up: bool, seconds: float = TIMEOUT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while _is_up(home, name) != up:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is not {'up' if up else 'down'} after {seconds} s")
        time.sleep(0.02)
