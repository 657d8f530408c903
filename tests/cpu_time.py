"""What a run of the tests costs in CPU time, and what makes most of it: systems that start.

Seconds of a clock say little on a machine with other work, CPU time and counts do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import psutil

from tests.shared_folder import VARIABLE, shared_folder

BUDGET = 550
"""Seconds of all processes, with a browser and a real OpenSearch."""
STARTS = 24
"""Of a local cloud, in the whole of `make test`: each takes 4 s of CPU time."""


def spent() -> float:
    """CPU seconds of this process and of all that it has started."""
    here = psutil.Process()
    return sum(map(_seconds, [here, *here.children(recursive=True)]))


def note_start() -> None:
    """Of a local cloud."""
    if VARIABLE in os.environ:
        with (shared_folder() / "starts").open("a") as file:
            file.write(".")


def lines(by_process: Mapping[str, float]) -> Iterator[str]:
    """`by_process`: the CPU seconds of each one, by its name."""
    total = sum(by_process.values())
    each = ", ".join(f"{name} {seconds:.0f}" for name, seconds in sorted(by_process.items()))
    yield f"CPU time: {total:.0f} s of {BUDGET}{_over(total > BUDGET)} ({each})"
    starts = len(file.read_text()) if (file := shared_folder() / "starts").exists() else 0
    yield f"local clouds that were started: {starts} of {STARTS}{_over(starts > STARTS)}"


def _seconds(process: psutil.Process) -> float:
    """Those of ended children too, where the system counts them."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.Error:
        return 0.0  # it has ended meanwhile


def _over(is_over: bool) -> str:
    return ", over its budget" if is_over else ""
