"""Ends what an earlier run left behind, and nothing else."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import suppress

import psutil

from cgraph_local.core.process_identity import Trace


def end(trace: Trace, *, signals: Sequence[signal.Signals], patience: float = 5.0) -> bool:
    """True when there was one to end; it is gone when this returns."""
    process = trace.find()
    if process is None:
        return False
    for number in (*signals, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        with suppress(psutil.TimeoutExpired):
            process.wait(patience)
            return True
    raise TimeoutError(f"process {trace.pid}, left by an earlier run, does not end")
