"""Local clouds on a copy of a home that was started once: a first start, which makes a database,
takes two and a half times the CPU time of a later one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.system import LocalSystem

VARIABLE = "CGRAPH_TESTS_PREPARED"
"""A folder that all processes of one test run share."""


@contextmanager
def shared_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="cgraph-tests-") as folder:
        Path(folder).chmod(0o711)  # as root, Postgres runs as another user
        os.environ[VARIABLE] = folder
        yield
        del os.environ[VARIABLE]


def start_prepared(folder: Path, **options: Any) -> LocalSystem:
    """As LocalSystem.start, on an empty `folder`."""
    shared = Path(os.environ[VARIABLE])
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = shared / "home"
        if not (shared / "ready").exists():
            LocalSystem.start(home).stop()
            shutil.rmtree(home / "logs")
            (shared / "ready").touch()
    # unlike shutil.copytree, cp keeps the owner of the database's files
    subprocess.run(["cp", "-a", home, folder], check=True)
    return LocalSystem.start(folder, **options)
