"""The session in use, and its refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cgraph_client.api.session_store import SessionStore
from cgraph_client.core.errors import Unauthenticated
from cgraph_client.models.credentials import Session

REFRESH_BEFORE_EXPIRY = timedelta(seconds=30)


class RefreshableSession:
    """Holds the session and refreshes it once, however many requests, and clients with the same
    store, find it expired: a refresh token that is used a second time ends the session everywhere.

    `on_change` is called with each new session, and with None when the session has ended.
    """

    def __init__(
        self,
        *,
        refresh: Callable[[Session], Awaitable[Session]],
        store: SessionStore,
        on_change: Callable[[Session | None], None] | None = None,
    ) -> None:
        self._request_refresh = refresh
        self._store = store
        self._session = store.load().session
        self._on_change = on_change
        self._refresh_task: asyncio.Task[Session] | None = None

    @property
    def current(self) -> Session | None:
        return self._session

    @property
    def device_token(self) -> str | None:
        """Of the last log-in, which may have ended."""
        return self._store.load().device_token

    def replace(self, session: Session | None, *, device_token: str | None = None) -> None:
        """`device_token`: None keeps the one that is stored."""
        login = replace(self._store.load(), session=session)
        self._store.save(replace(login, device_token=device_token or login.device_token))
        self._adopt(session)

    async def get_fresh(self) -> Session | None:
        """Returns the session, refreshed where it expires in less than half a minute. None where
        nobody is logged in."""
        session = self._session
        if session is not None and session.expires_at - datetime.now(UTC) < REFRESH_BEFORE_EXPIRY:
            return await self.refresh(session)
        return session

    def newer_than(self, stale: Session) -> Session | None:
        """Returns the session that has replaced `stale` in the meantime, here or in another client
        with the same store."""
        if self._session is stale:
            stored = self._store.load().session
            if stored is not None and stored.access_token != stale.access_token:
                self._adopt(stored)
        return None if self._session is stale else self._session

    async def refresh(self, stale: Session) -> Session:
        """Returns a session that is newer than `stale`. Raises Unauthenticated where the session
        has ended."""
        if self._session is None:
            raise Unauthenticated("session_ended", status=401, message="log in again")
        if self._session is not stale:
            return self._session
        if self._refresh_task is None or self._refresh_task.done():
            self._refresh_task = asyncio.create_task(self._refresh_once(stale))
        # A caller that is cancelled must not lose the new tokens.
        return await asyncio.shield(self._refresh_task)

    async def close(self) -> None:
        """Waits for a refresh that has begun."""
        if self._refresh_task is not None:
            await asyncio.gather(self._refresh_task, return_exceptions=True)

    async def _refresh_once(self, stale: Session) -> Session:
        async with self._store.exclusive():
            newer = self.newer_than(stale)
            if newer is not None:
                return newer
            try:
                session = await self._request_refresh(stale)
            except Unauthenticated:
                self.replace(None)
                raise
            self.replace(session)
            return session

    def _adopt(self, session: Session | None) -> None:
        self._session = session
        if self._on_change is not None:
            self._on_change(session)
