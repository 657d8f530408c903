"""Somebody who uses nothing but HTTP and WebSockets: no client of ours between them and the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PASSWORD = "correct horse battery"
PAGE = 100

Document = dict[str, Any]


class Refused(Exception):
    """The answer was not one of success; the text is what it said."""


class NoAnswer(Exception):
    """The socket ended, or stayed silent, before a frame was answered."""


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
        answer = await http.post("/auth/register", json=account)
        assert answer.status_code == 201, answer.text
        document = answer.json()
        tokens = document["access_token"], document["refresh_token"]
        return cls(http, username, document["user"]["id"], *tokens)

    async def ask(
        self, method: str, path: str, *, body: object = None, **query: str | int
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.access_token}"}
        if body is None:
            return await self.http.request(method, path, headers=headers, params=query)
        return await self.http.request(method, path, headers=headers, params=query, json=body)

    async def get(self, path: str, **query: str | int) -> Any:
        """The document, where the answer is one of success."""
        answer = await self.ask("GET", path, **query)
        assert answer.is_success, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def start(self, *others: Person, kind: str = "group") -> str:
        """A new conversation's id."""
        names = [other.username for other in others]
        body = {"kind": kind, "members": names}
        answer = await self.ask("POST", "/conversations", body=body)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def send(
        self, conversation_id: str, content: str, *, nonce: str | None = None
    ) -> httpx.Response:
        """Tries once."""
        body = {"conversation_id": conversation_id, "content": content}
        if nonce is not None:
            body["nonce"] = nonce
        return await self.ask("POST", "/messages", body=body)

    async def history(self, conversation_id: str, *, after: int = 0) -> list[Document]:
        """All messages after this number, oldest first, page by page."""
        path = f"/conversations/{conversation_id}/messages"
        found: list[Document] = []
        while True:
            page = (await self.get(path, after=after, limit=PAGE))["items"]
            found += page
            if len(page) < PAGE:
                return found
            after = page[-1]["seq"]

    async def ticket(self) -> Document:
        """Raises Refused."""
        answer = await self.ask("POST", "/realtime/ticket")
        if not answer.is_success:
            raise Refused(answer.text)
        return dict(answer.json())

    async def open_socket(self, *, cursors: dict[str, int] | None = None) -> Socket:
        """Greeted. Raises Refused, NoAnswer."""
        socket = await Socket.open((await self.ticket())["url"])
        try:
            socket.greeting = await socket.ask("hello", {"cursors": cursors or {}})
            if socket.greeting["type"] != "hello":
                raise Refused(str(socket.greeting))
        except BaseException:
            await socket.close()
            raise
        return socket


class Socket:
    """`texts`: all that came; `events`: every event in the order it came, out of batches too;
    `refusals`: the acknowledgements that say no and answer nothing that `ask` waits for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.texts: list[str] = []
        self.events: list[Document] = []
        self.refusals: list[Document] = []
        self.greeting: Document = {}
        self._numbers = count()
        self._asked: dict[str, asyncio.Future[Document]] = {}
        self._came = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> Self:
        return cls(await connect(url, compression=None, ping_interval=None, proxy=None))

    async def ask(self, action: str, data: object, *, patience: float = 15.0) -> Document:
        """The frame that answers. Raises NoAnswer."""
        number = f"{action}-{next(self._numbers)}"
        text = json.dumps({"action": action, "id": number, "data": data})
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self.connection.send(text)
            return await asyncio.wait_for(answer, patience)
        except (ConnectionClosed, TimeoutError) as error:
            raise NoAnswer(f"{text[:200]}: {error!r}") from error
        finally:
            del self._asked[number]

    async def until(self, reached: Callable[[], bool], *, patience: float = 15.0) -> None:
        """Asked whenever a frame has come. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while not reached():
                self._came.clear()
                await self._came.wait()

    async def wait_for_more(self, events: int, *, patience: float) -> bool:
        """Whether there are more than so many events before the time is over or the socket is."""
        try:
            await self.until(
                lambda: len(self.events) > events or self.reading.done(), patience=patience
            )
        except TimeoutError:
            return False
        return len(self.events) > events

    async def close(self) -> None:
        await self.connection.close()
        await self.reading

    def cut(self) -> None:
        """As when a network fails."""
        self.connection.transport.abort()

    async def _read(self) -> None:
        try:
            async for text in self.connection:
                self.texts.append(str(text))
                self._take(json.loads(text))
        except ConnectionClosed:
            return
        finally:
            self._came.set()
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(NoAnswer("the socket ended"))

    def _take(self, frame: Document) -> None:
        answer = self._asked.get(str(frame.get("id")))
        if answer is not None and not answer.done():
            answer.set_result(frame)
        elif frame.get("type") == "event":
            self.events.append(frame)
        elif frame.get("type") == "batch":
            self.events += frame["events"]
        elif frame.get("ok") is False:
            self.refusals.append(frame)
        self._came.set()
