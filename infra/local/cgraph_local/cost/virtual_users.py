"""A few people with bare HTTP and sockets, whose bytes can be counted."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cgraph_local.demo.accounts import DEMO_PASSWORD

ANSWER_SECONDS = 30.0


@dataclass(slots=True)
class Voice:
    """One person: a session and, once `listen` was called, a socket."""

    http: httpx.AsyncClient
    username: str
    tokens: dict[str, Any]
    socket: ClientConnection | None = None
    heard: list[int] = field(default_factory=list)
    """Bytes of each frame that was pushed."""
    _asked: dict[str, asyncio.Future[int]] = field(default_factory=dict)
    _reading: asyncio.Task[None] | None = None

    @classmethod
    async def register(cls, http: httpx.AsyncClient) -> Self:
        name = f"cost-{uuid4().hex[:12]}"
        account = {"username": name, "email": f"{name}@example.org", "password": DEMO_PASSWORD}
        answer = await http.post("/auth/register", json=account)
        return cls(http, name, answer.raise_for_status().json())

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        answer = await self.http.request(method, path, json=body, headers=headers)
        return answer.raise_for_status()

    async def log_in(self) -> httpx.Response:
        credentials = {"login": self.username, "password": DEMO_PASSWORD}
        answer = await self.http.post("/auth/login", json=credentials)
        return answer.raise_for_status()

    async def refresh(self) -> httpx.Response:
        body = {"refresh_token": self.tokens["refresh_token"]}
        answer = await self.http.post("/auth/refresh", json=body)
        self.tokens |= answer.raise_for_status().json()
        return answer

    async def start(self, *others: "Voice", kind: str = "group") -> str:
        names = [other.username for other in others]
        answer = await self.ask("POST", "/conversations", {"kind": kind, "members": names})
        return str(answer.json()["id"])

    async def listen(self) -> None:
        ticket = (await self.ask("POST", "/realtime/ticket")).json()
        self.socket = await connect(ticket["url"])
        self._reading = asyncio.create_task(self._read(self.socket))
        await self.frame("hello", {"cursors": {}})

    async def frame(self, action: str, data: dict[str, Any]) -> int:
        """The bytes of its answer."""
        assert self.socket is not None
        identity = uuid4().hex
        answer = self._asked[identity] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"action": action, "id": identity, "data": data}))
        return await asyncio.wait_for(answer, ANSWER_SECONDS)

    async def leave(self) -> None:
        if self.socket is not None and self._reading is not None:
            await self.socket.close()
            await self._reading
            self.socket = self._reading = None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                frame = json.loads(text)
                answered = self._asked.pop(str(frame.get("id")), None)
                if answered is None:
                    self.heard.append(len(text))
                elif frame.get("ok", True):
                    answered.set_result(len(text))
                else:
                    answered.set_exception(RuntimeError(f"refused: {text!s}"))
        except ConnectionClosed:
            return


async def until_quiet(people: list[Voice], *, seconds: float = 0.5) -> None:
    """Returns when nobody has heard anything for so long."""
    heard, since = -1, time.monotonic()
    while time.monotonic() - since < seconds:
        now = sum(len(person.heard) for person in people)
        if now != heard:
            heard, since = now, time.monotonic()
        await asyncio.sleep(0.05)
