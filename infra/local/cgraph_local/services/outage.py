"""Keeps a service down for a while from another process than the one that runs it (proofs)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cgraph_local.core.home import Home


def hold_file(home: Home, name: str) -> Path:
    """While it exists, the service is not started again after it ended."""
    return home.path / f"{name}.hold"


@contextmanager
def outage(
    home: Home, name: str, *, by: signal.Signals = signal.SIGKILL, patience: float = 15.0
) -> Iterator[None]:
    """The service is down inside and answers again after; its port stays the same."""
    file = hold_file(home, name)
    file.touch()
    try:
        kill(home, name, by=by)
        _wait(home, name, up=False, patience=patience)
        yield
    finally:
        file.unlink(missing_ok=True)
    _wait(home, name, up=True, patience=patience)


def kill(home: Home, name: str, *, by: signal.Signals = signal.SIGKILL) -> None:
    """The supervisor starts it again at once."""
    number = pid(home, name)
    if number is not None:
        with suppress(ProcessLookupError):
            os.kill(number, by)


def pid(home: Home, name: str) -> int | None:
    number = _entry(home, name).get("pid")
    return int(number) if number is not None else None


def _is_up(home: Home, name: str) -> bool:
    return bool(_entry(home, name).get("ready"))


def _entry(home: Home, name: str) -> dict[str, Any]:
    services = (home.read_run() or {}).get("services") or {}
    return dict(services.get(name) or {})


def _wait(home: Home, name: str, *, up: bool, patience: float) -> None:
    deadline = time.monotonic() + patience
    while _is_up(home, name) != up:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is not {'up' if up else 'down'} after {patience} s")
        time.sleep(0.02)
