"""Local clouds on a copy of a home that was started once: a first start, which makes a database,
takes two and a half times the CPU time of a later one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cgraph_local.core.home import CHECKOUT
from tests.shared_folder import locked
from tests.system import LocalSystem


def start_prepared(folder: Path, *, checkout: Path = CHECKOUT, **variables: str) -> LocalSystem:
    """As LocalSystem.start, for a `folder` that does not exist yet."""
    copy_home(folder)
    return LocalSystem.start(folder, checkout=checkout, port=0, **variables)


def copy_home(folder: Path) -> None:
    """`folder` must not exist yet."""
    with locked("home") as home:
        ready = home.with_name("home-is-ready")
        if not ready.exists():
            LocalSystem.start(home).stop()
            shutil.rmtree(home / "logs")
            ready.touch()
    # unlike shutil.copytree, cp keeps the owner of the database's files
    subprocess.run(["cp", "-a", home, folder], check=True)
