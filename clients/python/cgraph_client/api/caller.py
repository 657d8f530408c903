"""Whoever asks: the connections and the session that every part of the API shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cgraph_client import wire
from cgraph_client.credentials import Session
from cgraph_client.errors import ProtocolError, Unauthenticated
from cgraph_client.models import Page
from cgraph_client.reading import Document, read, read_all
from cgraph_client.session import Sessions

T = TypeVar("T")


class Caller:
    """`device`: what a session that begins here is called in the list of one's sessions."""

    def __init__(
        self,
        base_url: str,
        *,
        session: Session | None = None,
        on_session: Callable[[Session | None], None] | None = None,
        timeout: float = 30.0,
        device: str = "cgraph_client",
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = wire.new_http(self.base_url, timeout=timeout, device=device)
        self._sessions = Sessions(renew=self._renew, session=session, on_change=on_session)

    @property
    def session(self) -> Session | None:
        return self._sessions.current

    async def ask(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, **query: Any
    ) -> Any:
        """Any route, with the session's token, which is renewed when it has run out."""
        session = await self._sessions.fresh()
        try:
            return await self._ask_as(session, method, path, body=body, query=query)
        except Unauthenticated as refusal:
            if session is None or refusal.code != "token_expired":
                raise
        session = await self._sessions.renewed(session)
        return await self._ask_as(session, method, path, body=body, query=query)

    async def ask_for(self, kind: Callable[[Document], T], path: str, **query: Any) -> T:
        """One thing."""
        return read(kind, await self.ask("GET", path, **query))

    async def ask_for_page(self, kind: Callable[[Document], T], path: str, **query: Any) -> Page[T]:
        """A part of a list."""
        document = await self.ask("GET", path, **query)
        if not isinstance(document, dict) or "items" not in document:
            raise ProtocolError(f"not a list: {document!r:.300}")
        return Page(read_all(kind, document["items"]), document.get("next"))

    async def _ask_as(self, session: Session | None, method: str, path: str, **what: Any) -> Any:
        token = None if session is None else session.access_token
        return await wire.exchange(self._http, method, path, token=token, **what)

    async def _ask_as_nobody(self, path: str, body: Mapping[str, str]) -> Any:
        return await wire.exchange(self._http, "POST", path, body=body)

    async def _renew(self, stale: Session) -> Session:
        body = {"refresh_token": stale.refresh_token}
        return read(Session.read, await self._ask_as_nobody("/auth/refresh", body))
