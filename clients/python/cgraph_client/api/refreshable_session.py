"""The session in use, and its refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from cgraph_client.core.errors import Unauthenticated
from cgraph_client.models.credentials import Session

REFRESH_BEFORE_EXPIRY = timedelta(seconds=30)


class RefreshableSession:
    """Holds the session and refreshes it once, however many requests find it expired: a refresh
    token that is used a second time ends the session everywhere.

    `on_change` is called with each new session, and with None when the session has ended.
    """

    def __init__(
        self,
        *,
        refresh: Callable[[Session], Awaitable[Session]],
        session: Session | None = None,
        on_change: Callable[[Session | None], None] | None = None,
    ) -> None:
        self._request_refresh = refresh
        self._session = session
        self._on_change = on_change
        self._refresh_task: asyncio.Task[Session] | None = None

    @property
    def current(self) -> Session | None:
        return self._session

    def replace(self, session: Session | None) -> None:
        self._session = session
        if self._on_change is not None:
            self._on_change(session)

    async def get_fresh(self) -> Session | None:
        """Returns the session, refreshed where it expires in less than half a minute. None where
        nobody is logged in."""
        session = self._session
        if session is not None and session.expires_at - datetime.now(UTC) < REFRESH_BEFORE_EXPIRY:
            return await self.refresh(session)
        return session

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
        try:
            session = await self._request_refresh(stale)
        except Unauthenticated:
            self.replace(None)
            raise
        self.replace(session)
        return session
