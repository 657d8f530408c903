"""Requests with the session of the user: what every part of the API client uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from cgraph_client.api.refreshable_session import RefreshableSession
from cgraph_client.api.session_store import MemorySessionStore, SessionStore
from cgraph_client.api.transport import new_http_client, send_request
from cgraph_client.core.errors import ProtocolError, Unauthenticated
from cgraph_client.core.parsing import JsonObject, parse, parse_all
from cgraph_client.models.credentials import Session
from cgraph_client.models.page import Page

T = TypeVar("T")


class BaseClient:
    """`session`: of an earlier run; or `store`, which keeps the session and may be shared by
    several clients; or `token`, an API token. `on_session` is called with each new session, and
    with None when it has ended. `timeout`: seconds for one request. `device`: the name that a
    session opened by this client has in the user's list of sessions."""

    def __init__(
        self,
        base_url: str,
        *,
        session: Session | None = None,
        store: SessionStore | None = None,
        token: str | None = None,
        on_session: Callable[[Session | None], None] | None = None,
        timeout: float = 30.0,
        device: str = "cgraph_client",
    ) -> None:
        self.base_url = base_url.rstrip("/")
        if token is not None:
            session = Session.of_api_token(token)
        self._http = new_http_client(self.base_url, timeout=timeout, user_agent=device)
        self._session = RefreshableSession(
            refresh=self._request_refresh,
            store=store or MemorySessionStore(session),
            on_change=on_session,
        )

    @property
    def session(self) -> Session | None:
        return self._session.current

    @property
    def http(self) -> httpx.AsyncClient:
        """For requests to other hosts, such as the storage of files: it has no session."""
        return self._http

    async def close(self) -> None:
        await self._session.close()
        await self._http.aclose()

    async def request(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, **query: Any
    ) -> Any:
        """Sends a request to any route, as the user, and returns the JSON document of the answer.
        Refreshes the session where it has expired."""
        session = await self._session.get_fresh()
        try:
            return await self._request_with(session, method, path, body=body, query=query)
        except Unauthenticated as error:
            if session is None or not session.refresh_token:
                raise
            newer = self._session.newer_than(session)
            if newer is None and error.code != "token_expired":
                raise
            session = newer or await self._session.refresh(session)
        return await self._request_with(session, method, path, body=body, query=query)

    async def get(self, parser: Callable[[JsonObject], T], path: str, **query: Any) -> T:
        """Returns one object."""
        return parse(parser, await self.request("GET", path, **query))

    async def call(
        self,
        parser: Callable[[JsonObject], T],
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        **query: Any,
    ) -> T:
        """Sends a request that is answered with one object."""
        return parse(parser, await self.request(method, path, body=body, **query))

    async def get_page(self, parser: Callable[[JsonObject], T], path: str, **query: Any) -> Page[T]:
        """Returns one page of a list."""
        document = await self.request("GET", path, **query)
        if not isinstance(document, dict) or "items" not in document:
            raise ProtocolError(f"not a list: {document!r:.300}")
        return Page(parse_all(parser, document["items"]), document.get("next"))

    async def _request_with(
        self,
        session: Session | None,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any],
    ) -> Any:
        token = None if session is None else session.access_token
        return await send_request(self._http, method, path, body=body, query=query, token=token)

    async def _request_without_session(self, path: str, body: Mapping[str, str]) -> Any:
        return await send_request(self._http, "POST", path, body=body)

    async def _request_refresh(self, stale: Session) -> Session:
        body = {"refresh_token": stale.refresh_token}
        document = await self._request_without_session("/auth/refresh", body)
        return parse(Session.from_json, document)
