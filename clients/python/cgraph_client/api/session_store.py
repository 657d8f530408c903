"""Where a client keeps its log-in, so that the next run, or another process, goes on with it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from cgraph_client.core.errors import ProtocolError
from cgraph_client.models.credentials import SavedLogin, Session

LOCK_RETRY_SECONDS = 0.02


class SessionStore(Protocol):
    """Clients with one store share one session, like the tabs of a browser: they refresh one at a
    time, and use what another one has refreshed."""

    def load(self) -> SavedLogin: ...

    def save(self, login: SavedLogin) -> None: ...

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Entered for a refresh: by one client at a time."""


class MemorySessionStore:
    """For one client, until the process ends."""

    def __init__(self, session: Session | None = None) -> None:
        self._login = SavedLogin(session)

    def load(self) -> SavedLogin:
        return self._login

    def save(self, login: SavedLogin) -> None:
        self._login = login

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        yield


class FileSessionStore:
    """In a file that only its owner may read; for any number of processes on Linux or macOS."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> SavedLogin:
        """Raises ProtocolError where the file has other content."""
        try:
            return _parse_login(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return SavedLogin()
        except (ValueError, TypeError, LookupError) as error:
            raise ProtocolError(f"{self._path} is not a saved log-in: {error!r}") from error

    def save(self, login: SavedLogin) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(_login_document(login)))
        temporary.replace(self._path)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        with self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
            while not _try_lock(lock.fileno()):
                await asyncio.sleep(LOCK_RETRY_SECONDS)
            yield  # closing the file releases the lock, also where the process is killed


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _login_document(login: SavedLogin) -> dict[str, Any]:
    session = None
    if login.session is not None:
        session = {
            "access_token": login.session.access_token,
            "refresh_token": login.session.refresh_token,
            "expires_at": login.session.expires_at.isoformat(),
        }
    return {"session": session, "device_token": login.device_token}


def _parse_login(document: dict[str, Any]) -> SavedLogin:
    session = document["session"]
    if session is not None:
        session = Session(
            session["access_token"],
            session["refresh_token"],
            datetime.fromisoformat(session["expires_at"]),
        )
    return SavedLogin(session, document["device_token"])
