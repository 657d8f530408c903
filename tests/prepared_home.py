"""Local clouds, and their services alone, on a copy of a home that was started once: a first start,
which makes a database, takes far more CPU time than a later one.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Services
from tests.shared_folder import locked
from tests.system import LocalSystem

KEPT_ENVIRONMENTS = 120
"""The proofs over all routes call one function after the other, again and again."""


def start_prepared(folder: Path, *, checkout: Path = CHECKOUT, **variables: str) -> LocalSystem:
    """As LocalSystem.start, for a `folder` that does not exist yet."""
    copy_home(folder)
    variables = {"CGRAPH_KEPT_ENVIRONMENTS": str(KEPT_ENVIRONMENTS)} | variables
    return LocalSystem.start(folder, checkout=checkout, port=0, **variables)


def copy_home(folder: Path) -> None:
    """`folder` must not exist yet."""
    with locked("home") as home:
        ready = home.with_name("home-is-ready")
        if not ready.exists():
            LocalSystem.start(home).stop()
            shutil.rmtree(home / "logs")
            ready.touch()
    _copy(home, folder)


async def copy_home_of_services(folder: Path) -> Home:
    """One in which only the services were started once, so the database is empty. `folder` must
    not exist yet.
    """
    with locked("services") as path:
        home = Home(path)
        ready = path.with_name("services-are-ready")
        if not ready.exists():
            services = Services(home)
            with home.lock():
                await services.start(Progress(stream=None))
                await services.stop()
            shutil.rmtree(home.logs)
            ready.touch()
    _copy(path, folder)
    return Home(folder)


def _copy(home: Path, folder: Path) -> None:
    # unlike shutil.copytree, cp keeps the owner of the database's files
    subprocess.run(["cp", "-a", home, folder], check=True)
    # each copy would begin with the same port, and two that start at once would both find it free
    (folder / "media" / "port").unlink(missing_ok=True)
