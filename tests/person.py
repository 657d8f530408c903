"""A user who uses nothing but HTTP and WebSockets: no client of ours between them and the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PASSWORD = "correct horse battery"
PAGE = 100

Document = dict[str, Any]


class RequestRefused(Exception):
    """The status was not one of success; the text is the body of the response."""


class NoReply(Exception):
    """The socket ended, or the time was over, before a frame was acknowledged."""


@dataclass(slots=True)
class Person:
    http: httpx.AsyncClient
    username: str
    id: str
    access_token: str
    refresh_token: str

    @classmethod
    async def register(cls, http: httpx.AsyncClient, *, name: str) -> Self:
        username = f"{name}-{uuid4().hex[:12]}"
        account = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
        response = await http.post("/auth/register", json=account)
        assert response.status_code == 201, response.text
        document = response.json()
        tokens = document["access_token"], document["refresh_token"]
        return cls(http, username, document["user"]["id"], *tokens)

    async def log_in(self) -> Self:
        """The same person with one more session."""
        account = {"login": self.username, "password": PASSWORD}
        response = await self.http.post("/auth/login", json=account)
        assert response.is_success, response.text
        tokens = response.json()
        return replace(
            self, access_token=tokens["access_token"], refresh_token=tokens["refresh_token"]
        )

    async def request(
        self, method: str, path: str, *, body: object = None, **query: str | int
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.access_token}"}
        if body is None:
            return await self.http.request(method, path, headers=headers, params=query or None)
        return await self.http.request(
            method, path, headers=headers, params=query or None, json=body
        )

    async def request_json(
        self, method: str, path: str, *, body: object = None, **query: str | int
    ) -> Any:
        """The document of a response that must be one of success; {} where it has no body."""
        response = await self.request(method, path, body=body, **query)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else {}

    async def get(self, path: str, **query: str | int) -> Any:
        return await self.request_json("GET", path, **query)

    async def start_conversation(self, *others: Person, kind: str = "group") -> str:
        """Returns the id of the conversation."""
        body = {"kind": kind, "members": [other.username for other in others]}
        return str((await self.request_json("POST", "/conversations", body=body))["id"])

    async def send_message(
        self, conversation_id: str, content: str, *, nonce: str | None = None
    ) -> httpx.Response:
        """Tries once."""
        body = {"conversation_id": conversation_id, "content": content}
        if nonce is not None:
            body["nonce"] = nonce
        return await self.request("POST", "/messages", body=body)

    async def history(self, conversation_id: str, *, after: int = 0) -> list[Document]:
        """All messages after this number, oldest first, page by page."""
        path = f"/conversations/{conversation_id}/messages"
        messages: list[Document] = []
        while True:
            page = (await self.get(path, after=after, limit=PAGE))["items"]
            messages += page
            if len(page) < PAGE:
                return messages
            after = page[-1]["seq"]

    async def make_ticket(self) -> Document:
        """Raises RequestRefused."""
        response = await self.request("POST", "/realtime/ticket")
        if not response.is_success:
            raise RequestRefused(response.text)
        return dict(response.json())

    async def open_socket(self, *, cursors: dict[str, int] | None = None) -> Socket:
        """A socket whose `hello` was acknowledged. Raises RequestRefused, NoReply."""
        socket = await Socket.open((await self.make_ticket())["url"])
        try:
            socket.hello = await socket.call("hello", {"cursors": cursors or {}})
            if socket.hello["type"] != "hello":
                raise RequestRefused(str(socket.hello))
        except BaseException:
            await socket.close()
            raise
        return socket


class Socket:
    """`frames`: the text of each frame received; `events`: every event in the order it came, those
    of batches too; `refusals`: the acknowledgements that refuse and that no `call` waits for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[str] = []
        self.events: list[Document] = []
        self.refusals: list[Document] = []
        self.hello: Document = {}
        self._ids = count()
        self._pending: dict[str, asyncio.Future[Document]] = {}
        self._received = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> Self:
        return cls(await connect(url, compression=None, ping_interval=None, proxy=None))

    async def call(self, action: str, data: object, *, seconds: float = 15.0) -> Document:
        """Sends a frame and returns its acknowledgement. Raises NoReply."""
        id = f"{action}-{next(self._ids)}"
        text = json.dumps({"action": action, "id": id, "data": data})
        reply = self._pending[id] = asyncio.get_running_loop().create_future()
        try:
            await self.connection.send(text)
            return await asyncio.wait_for(reply, seconds)
        except (ConnectionClosed, TimeoutError) as error:
            raise NoReply(f"{text[:200]}: {error!r}") from error
        finally:
            del self._pending[id]

    async def wait_until(self, reached: Callable[[], bool], *, seconds: float = 15.0) -> None:
        """Checks whenever a frame has come. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not reached():
                self._received.clear()
                await self._received.wait()

    async def wait_for_events(self, *, more_than: int, seconds: float) -> bool:
        """Whether more than so many events have come when the time or the socket has ended."""
        try:
            await self.wait_until(
                lambda: len(self.events) > more_than or self.reading.done(), seconds=seconds
            )
        except TimeoutError:
            return False
        return len(self.events) > more_than

    async def close(self) -> None:
        await self.connection.close()
        await self.reading

    async def _read(self) -> None:
        try:
            async for text in self.connection:
                self.frames.append(str(text))
                self._take(json.loads(text))
        except ConnectionClosed:
            return
        finally:
            self._received.set()
            for reply in self._pending.values():
                if not reply.done():
                    reply.set_exception(NoReply("the socket ended"))

    def _take(self, frame: Document) -> None:
        reply = self._pending.get(str(frame.get("id")))
        if reply is not None and not reply.done():
            reply.set_result(frame)
        elif frame.get("type") == "event":
            self.events.append(frame)
        elif frame.get("type") == "batch":
            self.events += frame["events"]
        elif frame.get("ok") is False:
            self.refusals.append(frame)
        self._received.set()
