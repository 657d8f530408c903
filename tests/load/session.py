"""What the parts of one run share: the local cloud, and the users and rows in it."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cgraph_local.core.progress import Progress
from tests.load.routes import Population, populate
from tests.load.sizes import Sizes
from tests.system import LocalSystem


class Session:
    """The system is started, and populated, when a part needs it first."""

    def __init__(self, folder: Path, *, sizes: Sizes, progress: Progress) -> None:
        self.folder = folder
        self.sizes = sizes
        self.progress = progress
        self.next_number = 0
        """Of a request whose body has to be new."""
        self._system: LocalSystem | None = None
        self._population: Population | None = None

    @property
    def system(self) -> LocalSystem:
        if self._system is None:
            self.progress.print("starting the local cloud")
            self._system, _ = start(self.folder / "home")
        return self._system

    @property
    def population(self) -> Population:
        if self._population is None:
            sizes = self.sizes
            self.progress.print(f"writing {sizes.people} people and what they wrote")
            self._population = populate(
                self.system, people=sizes.people, messages=sizes.history, posts=sizes.posts
            )
        return self._population

    async def close(self) -> None:
        if self._system is not None:
            await self._system.close()
            self._system.stop()


DESCRIPTORS = 8192
"""Of each process, which all inherit: a thousand sockets, and what else is open."""


@asynccontextmanager
async def new_session(sizes: Sizes, progress: Progress) -> AsyncIterator[Session]:
    _raise_limit()
    with _folder() as folder:
        session = Session(folder, sizes=sizes, progress=progress)
        try:
            yield session
        finally:
            await session.close()


def _raise_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cgraph-bench-") as folder:
        path = Path(folder)
        path.chmod(0o711)  # Postgres runs as another user if the bench runs as root
        yield path


def start(folder: Path) -> tuple[LocalSystem, float]:
    """Returns the system, and the seconds until it was ready."""
    began = time.perf_counter()
    system = LocalSystem.start(folder, CGRAPH_RATE_LIMITS="off")
    return system, time.perf_counter() - began
