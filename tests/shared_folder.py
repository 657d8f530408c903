"""A folder that all processes of one test run share, for what takes long to make and is the same
for all of them."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "CGRAPH_TESTS_FOLDER"


@contextmanager
def new_shared_folder() -> Iterator[None]:
    """For this process and for those that it starts."""
    with tempfile.TemporaryDirectory(prefix="cgraph-tests-") as folder:
        Path(folder).chmod(0o711)  # as root, Postgres runs as another user
        os.environ[VARIABLE] = folder
        yield
        del os.environ[VARIABLE]


def shared_folder() -> Path:
    return Path(os.environ[VARIABLE])


@contextmanager
def locked(name: str) -> Iterator[Path]:
    """A path in the folder, which no other process has at the same time."""
    with (shared_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield shared_folder() / name
