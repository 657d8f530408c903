"""CPU and memory of the local cloud, by part."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from tests.system import LocalSystem

MEASURE = "PSS" if sys.platform == "linux" else "RSS"


@dataclass(frozen=True, slots=True)
class Process:
    part: str
    pid: int
    cpu_seconds: float
    memory_mb: float


def processes(system: LocalSystem, *, memory: bool = False) -> list[Process]:
    """All processes of the local cloud. Measuring the memory takes some milliseconds per process;
    it is 0 unless `memory` is set.
    """
    return measured(_parts(system), memory=memory)


def service_processes(system: LocalSystem, name: str) -> dict[int, str]:
    """The part of each process of a service, by pid."""
    return {pid: part for pid, part in _parts(system).items() if part == name}


def measured(parts: Mapping[int, str], *, memory: bool = False) -> list[Process]:
    """Those of the processes, given by pid with their part, that still run."""
    running = []
    for pid, part in parts.items():
        try:
            process = psutil.Process(pid)
            times = process.cpu_times()
            used = _memory_mb(process) if memory else 0.0
        except psutil.NoSuchProcess:
            continue
        running.append(Process(part, pid, times.user + times.system, used))
    return running


def cpu_spent(before: list[Process], after: list[Process]) -> dict[str, float]:
    """Seconds by part; the environments of all functions are one part. Does not include processes
    that ended in between.
    """
    known = {process.pid: process.cpu_seconds for process in before}
    spent: defaultdict[str, float] = defaultdict(float)
    for process in after:
        spent[process.part] += process.cpu_seconds - known.get(process.pid, 0.0)
    return dict(spent)


def busy_seconds() -> float:
    """The CPU seconds of all cores since the machine started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _guest_seconds(times))


def by_part(running: list[Process]) -> dict[str, tuple[int, float]]:
    """By part: the number of processes, and their memory in MB."""
    total: defaultdict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for process in running:
        number, memory = total[process.part]
        total[process.part] = number + 1, memory + process.memory_mb
    return dict(sorted(total.items(), key=lambda item: -item[1][1]))


def _parts(system: LocalSystem) -> Mapping[int, str]:
    main = psutil.Process(system.process.pid)
    parts = {child.pid: "forker" for child in main.children(recursive=True)}
    parts[main.pid] = "gateway and host"
    parts |= dict.fromkeys(system.environments(), "environments")
    for name, service in ((system.home.read_run() or {}).get("services") or {}).items():
        if service["pid"]:
            process = psutil.Process(service["pid"])
            for one in (process, *process.children(recursive=True)):
                parts[one.pid] = name
    return parts


def _guest_seconds(times: Any) -> float:
    """Linux counts them twice: they are in `user` already."""
    return float(getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0))


def _memory_mb(process: psutil.Process) -> float:
    """On Linux shared memory is divided among the processes that share it."""
    used = process.memory_full_info()
    return float(getattr(used, "pss", used.rss)) / 2**20
