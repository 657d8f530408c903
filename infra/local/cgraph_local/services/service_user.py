"""The user that a service runs as which refuses to run as root: Postgres, OpenSearch."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from cgraph_local.services.errors import ServiceFailed


def service_user(data: Path, *, service: str = "postgres") -> str | None:
    """The user to run as when root starts the service, which refuses to run as root: the owner of
    its data, or a user that every system has. None for the current user. Raises ServiceFailed.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        return pwd.getpwuid(owner).pw_name
    usernames = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("nobody", "daemon"):
        if name in usernames:
            return name
    raise ServiceFailed(
        service, reason="does not run as root, and there is no user nobody; run as another user"
    )


def check_traversable(data: Path, *, user: str, service: str = "postgres") -> None:
    """Raises ServiceFailed when a folder above `data` is closed to other users."""
    for folder in reversed(data.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise ServiceFailed(
                service,
                reason=f"runs as user {user} when root starts it, and {folder} is closed to that "
                "user; do not run as root, or choose an open home: CGRAPH_HOME=/path make run",
            )
