"""The HTTP API as methods."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from cgraph_client import wire
from cgraph_client.backoff import Backoff
from cgraph_client.changes import CatchUp
from cgraph_client.errors import ProtocolError, Unauthenticated
from cgraph_client.models import (
    Conversation,
    Message,
    Page,
    Session,
    Ticket,
    User,
    read,
    read_all,
)
from cgraph_client.session import Sessions

if TYPE_CHECKING:
    from cgraph_client.lifeline import State
    from cgraph_client.subscription import Subscription


class Client:
    """One person's way to a CGraph server.

    Methods ask once and raise: `ApiError` when refused, `Unreachable` when no answer came. What
    must arrive is sent through an `Outbox`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        session: Session | None = None,
        on_session: Callable[[Session | None], None] | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = wire.new_http(self.base_url, timeout=timeout)
        self._sessions = Sessions(renew=self._renew, session=session, on_change=on_session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._sessions.close()
        await self._http.aclose()

    @property
    def session(self) -> Session | None:
        return self._sessions.current

    # accounts

    async def register(self, username: str, *, email: str, password: str) -> User:
        """Makes the account and logs in to it."""
        body = {"username": username, "email": email, "password": password}
        return self._enter(await self._open("/auth/register", body))

    async def log_in(self, login: str, *, password: str) -> User:
        return self._enter(await self._open("/auth/login", {"login": login, "password": password}))

    async def log_out(self) -> None:
        await self.ask("POST", "/auth/logout")
        self._sessions.use(None)

    async def me(self) -> User:
        return read(User.read, await self.ask("GET", "/me"))

    async def user(self, username: str) -> User:
        return read(User.read, await self.ask("GET", f"/users/{quote(username, safe='')}"))

    # conversations and messages

    async def conversations(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Conversation]:
        document = await self.ask("GET", "/conversations", limit=limit, cursor=cursor)
        return _read_page(Conversation.read, document)

    async def all_conversations(self) -> AsyncIterator[Conversation]:
        """Each conversation, page after page."""
        page = await self.conversations()
        while True:
            for conversation in page.items:
                yield conversation
            if page.next is None:
                return
            page = await self.conversations(cursor=page.next)

    async def heads(self) -> dict[str, int]:
        """How far the stream of each conversation is."""
        return {f"conv:{talk.id}": talk.head async for talk in self.all_conversations()}

    async def conversation(self, conversation_id: str) -> Conversation:
        return read(Conversation.read, await self.ask("GET", f"/conversations/{conversation_id}"))

    async def create_conversation(
        self,
        *usernames: str,
        kind: str | None = None,
        name: str | None = None,
        nonce: str | None = None,
    ) -> Conversation:
        """With one other person direct, unless said otherwise; with more a group.

        A direct conversation exists once; so does a group asked for again with its nonce.
        """
        body: dict[str, Any] = {
            "kind": kind or ("direct" if len(usernames) == 1 and name is None else "group"),
            "members": list(usernames),
        }
        body |= {"name": name} if name is not None else {}
        body |= {"nonce": nonce} if nonce is not None else {}
        return read(Conversation.read, await self.ask("POST", "/conversations", body=body))

    async def history(
        self,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> tuple[Message, ...]:
        """Messages around a `seq`, oldest first; without one, the latest."""
        path = f"/conversations/{conversation_id}/messages"
        document = await self.ask("GET", path, before=before, after=after, limit=limit)
        items = _read_page(Message.read, document).items
        return tuple(sorted(items, key=lambda message: message.seq))

    async def send(
        self,
        conversation_id: str,
        content: str,
        *,
        nonce: str | None = None,
        reply_to: str | None = None,
    ) -> Message:
        """Tries once. With the same nonce it may be tried again and is written once."""
        body = new_draft(conversation_id, content, nonce=nonce, reply_to=reply_to)
        return read(Message.read, await self.ask("POST", "/messages", body=body))

    async def mark_read(self, conversation_id: str, seq: int) -> None:
        """Everything up to this number is read; the marker never moves back."""
        await self.ask("PUT", f"/conversations/{conversation_id}/read", body={"seq": seq})

    # realtime

    async def ticket(self) -> Ticket:
        return read(Ticket.read, await self.ask("POST", "/realtime/ticket"))

    async def sync(self, cursors: Mapping[str, int], *, limit: int = 1_000) -> CatchUp:
        """What happened in these streams after these numbers."""
        body = {"cursors": dict(cursors), "limit": limit}
        return read(CatchUp.read, await self.ask("POST", "/sync", body=body))

    def subscribe(
        self,
        cursors: Mapping[str, int] | None = None,
        *,
        on_state: Callable[[State], None] | None = None,
        heartbeat: float | None = None,
        backoff: Backoff | None = None,
    ) -> Subscription:
        """Everything that happens from now on, or after the cursors of an earlier subscription.

        A push that is lost is noticed at the next heartbeat, in seconds; by default the server's.
        """
        from cgraph_client.subscription import Subscription

        return Subscription(
            self, cursors=cursors, on_state=on_state, heartbeat=heartbeat, backoff=backoff
        )

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

    async def _ask_as(self, session: Session | None, method: str, path: str, **what: Any) -> Any:
        token = None if session is None else session.access_token
        return await wire.exchange(self._http, method, path, token=token, **what)

    async def _open(self, path: str, body: Mapping[str, str]) -> Any:
        return await wire.exchange(self._http, "POST", path, body=body)

    def _enter(self, document: Any) -> User:
        self._sessions.use(read(Session.read, document))
        return read(User.read, document["user"])

    async def _renew(self, stale: Session) -> Session:
        body = {"refresh_token": stale.refresh_token}
        return read(Session.read, await self._open("/auth/refresh", body))


def new_draft(
    conversation_id: str, content: str, *, nonce: str | None, reply_to: str | None
) -> dict[str, str]:
    """The body of `POST /messages`, which is also the data of the socket's `send`."""
    draft = {
        "conversation_id": conversation_id,
        "content": content,
        "nonce": nonce,
        "reply_to": reply_to,
    }
    return {name: value for name, value in draft.items() if value is not None}


def _read_page(kind: Callable[[Mapping[str, Any]], Any], document: Any) -> Page[Any]:
    if not isinstance(document, dict) or "items" not in document:
        raise ProtocolError(f"not a list: {document!r:.300}")
    return Page(read_all(kind, document["items"]), document.get("next"))
