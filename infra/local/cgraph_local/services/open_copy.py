"""Copies of programs that lie in a folder which is closed to the user that must run them."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from cgraph_local.services.errors import ServiceFailed

SHARED_FOLDER = Path("/var/tmp")  # noqa: S108 - only a folder of this user is used, see _check_owner
"""Every user may enter it, and it is kept when the machine restarts."""
UNNEEDED = {"include", "__pycache__"}


def is_open_to_all(folder: Path) -> bool:
    resolved = folder.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in (resolved, *resolved.parents))


def copy_for_all(sources: Sequence[Path], *, service: str, into: Path) -> Path:
    """The folder in `into` with a copy of each source; one that is complete is used again. Raises
    ServiceFailed.
    """
    sizes = _file_sizes(sources)
    name = f"cgraph-{service}-{hashlib.sha256(repr(sizes).encode()).hexdigest()[:12]}"
    target = into / name
    if target.exists():
        _check_owner(target, service)
        if _file_sizes([target / source.name for source in sources]) == sizes:
            return target
        # A clean-up of the machine has removed a part of it.
        shutil.rmtree(target)
    temporary = into / f"{name}.{uuid4().hex}"
    temporary.mkdir(mode=0o755)
    temporary.chmod(0o755)
    for source in sources:
        shutil.copytree(source, temporary / source.name, symlinks=True, ignore=_unneeded)
    _publish(temporary, target, service)
    return target


def _publish(temporary: Path, target: Path, service: str) -> None:
    try:
        temporary.rename(target)
    except OSError:
        # Another start has created the same copy in the meantime.
        shutil.rmtree(temporary)
        _check_owner(target, service)


def _check_owner(target: Path, service: str) -> None:
    status = target.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ServiceFailed(
            service, reason=f"is not run from {target}: another user created it; remove it"
        )


def _unneeded(_folder: str, names: list[str]) -> set[str]:
    return UNNEEDED & set(names)


def _file_sizes(folders: Sequence[Path]) -> list[tuple[str, int]]:
    sizes = []
    for folder in folders:
        for root, directories, names in os.walk(folder):
            directories[:] = sorted(set(directories) - UNNEEDED)
            parent = Path(root)
            relative = parent.relative_to(folder.parent)
            sizes += [(f"{relative}/{name}", (parent / name).lstat().st_size) for name in names]
    return sorted(sizes)
