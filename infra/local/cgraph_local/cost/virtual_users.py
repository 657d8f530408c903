"""Virtual users with plain HTTP and WebSocket clients, so that bytes can be counted."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cgraph_local.demo.accounts import DEMO_PASSWORD, new_account

RESPONSE_TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class VirtualUser:
    """A registered user with a session and, after `open_socket`, a socket."""

    http: httpx.AsyncClient
    username: str
    tokens: dict[str, Any]
    socket: ClientConnection | None = None
    pushed_frame_sizes: list[int] = field(default_factory=list)
    """The bytes of each frame that was pushed."""
    _responses: dict[str, asyncio.Future[int]] = field(default_factory=dict)
    _reader: asyncio.Task[None] | None = None

    @classmethod
    async def register(cls, http: httpx.AsyncClient) -> Self:
        account = new_account("cost")
        response = await http.post("/auth/register", json=account)
        return cls(http, account["username"], response.raise_for_status().json())

    async def request(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        response = await self.http.request(method, path, json=body, headers=headers)
        return response.raise_for_status()

    async def log_in(self) -> httpx.Response:
        credentials = {"login": self.username, "password": DEMO_PASSWORD}
        response = await self.http.post("/auth/login", json=credentials)
        return response.raise_for_status()

    async def refresh(self) -> httpx.Response:
        body = {"refresh_token": self.tokens["refresh_token"]}
        response = await self.http.post("/auth/refresh", json=body)
        self.tokens |= response.raise_for_status().json()
        return response

    async def create_conversation(self, *others: "VirtualUser", kind: str = "group") -> str:
        """Returns its id."""
        body = {"kind": kind, "members": [other.username for other in others]}
        response = await self.request("POST", "/conversations", body)
        return str(response.json()["id"])

    async def open_socket(self) -> None:
        ticket = (await self.request("POST", "/realtime/ticket")).json()
        self.socket = await connect(ticket["url"])
        self._reader = asyncio.create_task(self._read(self.socket))
        await self.send_frame("hello", {"cursors": {}})

    async def send_frame(self, action: str, data: dict[str, Any]) -> int:
        """Returns the bytes of the response."""
        assert self.socket is not None
        frame_id = uuid4().hex
        response = self._responses[frame_id] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"action": action, "id": frame_id, "data": data}))
        return await asyncio.wait_for(response, RESPONSE_TIMEOUT_SECONDS)

    async def close_socket(self) -> None:
        if self.socket is not None and self._reader is not None:
            await self.socket.close()
            await self._reader
            self.socket = self._reader = None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                frame = json.loads(text)
                response = self._responses.pop(str(frame.get("id")), None)
                if response is None:
                    self.pushed_frame_sizes.append(len(text))
                elif frame.get("ok", True):
                    response.set_result(len(text))
                else:
                    response.set_exception(RuntimeError(f"refused: {text!s}"))
        except ConnectionClosed:
            return


async def wait_until_idle(users: list[VirtualUser], *, seconds: float = 0.5) -> None:
    """Returns when no frame has been pushed for this time."""
    frames, since = -1, time.monotonic()
    while time.monotonic() - since < seconds:
        current = sum(len(user.pushed_frame_sizes) for user in users)
        if current != frames:
            frames, since = current, time.monotonic()
        await asyncio.sleep(0.05)
