"""Ends processes that an earlier run left behind."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import suppress

import psutil

from cgraph_local.core.process_identity import ProcessIdentity


def terminate_orphan(
    identity: ProcessIdentity, *, signals: Sequence[signal.Signals], timeout_seconds: float = 5.0
) -> bool:
    """Returns when the process has ended; False when it had ended before. Raises TimeoutError."""
    process = identity.find()
    if process is None:
        return False
    for number in (*signals, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout_seconds)
            return True
    raise TimeoutError(f"process {identity.pid}, left by an earlier run, does not end")
