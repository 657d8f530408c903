"""Who is asking: the tokens, and their renewal before they run out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from cgraph_client.credentials import Session
from cgraph_client.errors import Unauthenticated

EARLY = timedelta(seconds=30)


class Sessions:
    """The session in use. However many requests find it expired, one renews it: a refresh token
    that is used a second time ends the session everywhere."""

    def __init__(
        self,
        *,
        renew: Callable[[Session], Awaitable[Session]],
        session: Session | None = None,
        on_change: Callable[[Session | None], None] | None = None,
    ) -> None:
        self._renew = renew
        self._session = session
        self._on_change = on_change
        self._renewing: asyncio.Task[Session] | None = None

    @property
    def current(self) -> Session | None:
        return self._session

    def use(self, session: Session | None) -> None:
        self._session = session
        if self._on_change is not None:
            self._on_change(session)

    async def fresh(self) -> Session | None:
        """The session, renewed when it has less than half a minute to live."""
        session = self._session
        if session is not None and session.expires_at - datetime.now(UTC) < EARLY:
            return await self.renewed(session)
        return session

    async def renewed(self, stale: Session) -> Session:
        """A session newer than this one."""
        if self._session is None:
            raise Unauthenticated("session_ended", status=401, message="log in again")
        if self._session is not stale:
            return self._session
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._replace(stale))
        return await asyncio.shield(self._renewing)  # a caller who gives up must not lose the pair

    async def close(self) -> None:
        if self._renewing is not None:
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def _replace(self, stale: Session) -> Session:
        try:
            session = await self._renew(stale)
        except Unauthenticated:
            self.use(None)
            raise
        self.use(session)
        return session
