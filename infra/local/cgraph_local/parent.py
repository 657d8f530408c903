"""Notices that the `make` we run under was told to stop.

On SIGINT make tells nobody: it expects the terminal to have told its children too, and waits for
them. Where only make got the signal (`kill -INT`, a test that started it), both would wait forever.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

INTERVAL = 0.25


async def make_told_to_stop() -> None:
    """Returns when it was, or when it is gone; never when make is not the parent."""
    parent = os.getppid()
    if "MAKELEVEL" not in os.environ:
        await asyncio.Event().wait()
    caught = catches_interrupt(parent)
    while os.getppid() == parent and catches_interrupt(parent) == caught:
        await asyncio.sleep(INTERVAL)


def catches_interrupt(pid: int) -> bool | None:
    """Make stops catching SIGINT once it got one. None where the kernel does not tell (macOS)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    mask = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return bool(int(mask[1], 16) & (1 << (signal.SIGINT - 1))) if mask else None
