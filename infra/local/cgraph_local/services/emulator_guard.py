"""Runs the emulator, but answers only programs that know its access key.

It is executed by the emulator's own Python. The emulator itself takes any credentials and allows
each web page to call it: so a page in the user's browser could read the queues and the uploads.

It also tells which queues were sent messages, so that nobody has to poll them.
"""

import asyncio
import hmac
import importlib
import json
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

SENDS = "/_cgraph/sends"
SENDS_SECONDS = 1.0
"""How long a request for them waits: the emulator does not stop before it has an answer."""
SENDING = {f"AmazonSQS.{action}" for action in ("SendMessage", "SendMessageBatch")}
QUEUE = re.compile(rb'"QueueUrl"\s*:\s*"[^"]*/([^"/]+)"')
HEALTH = "/_ministack/health"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SUFFIX = ".localhost"
"""Of a bucket's own host name, such as media.localhost."""


class Guard:
    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], key: str) -> None:
        self._app = app
        self._key = key
        self._sends = Sends()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        if reason := self._refusal(scope, headers):
            await _refuse(scope, send, reason)
        elif scope["path"] == SENDS:
            await self._sends.answer(scope, receive, send)
        elif headers.get("x-amz-target") in SENDING:
            body = Body(receive)
            await self._app(scope, body.receive, send)
            self._sends.note(bytes(body.content))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> str | None:
        if not _is_loopback(f"//{headers.get('host', '')}"):
            return "the Host is not of this machine"
        if "origin" in headers and not _is_loopback(headers["origin"]):
            return "the Origin is not of this machine"
        if scope["path"] == HEALTH or hmac.compare_digest(_access_key(scope, headers), self._key):
            return None
        return "the access key is not that of this local cloud"


class Body:
    """What the emulator receives, kept."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.content = bytearray()

    async def receive(self) -> Any:
        message = await self._receive()
        self.content += message.get("body", b"")
        return message


class Sends:
    """By the name of a queue, the number of the last request that sent it messages."""

    def __init__(self) -> None:
        self._number = 0
        self._queues: dict[str, int] = {}
        self._next = asyncio.Event()

    def note(self, body: bytes) -> None:
        if found := QUEUE.search(body):
            self._number += 1
            self._queues[found[1].decode()] = self._number
            self._next.set()
            self._next = asyncio.Event()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The queues that were sent messages since `after`, once there are some."""
        after = int(parse_qs(scope["query_string"].decode()).get("after", ["0"])[0])
        if after == self._number:
            waiting = {asyncio.ensure_future(each) for each in (self._next.wait(), _end(receive))}
            await asyncio.wait(waiting, timeout=SENDS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
        since = after if after <= self._number else 0  # the emulator was started again
        queues = [name for name, number in self._queues.items() if number > since]
        body = json.dumps({"number": self._number, "queues": queues}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _end(receive: Receive) -> None:
    """Until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in LOOPBACK or host.endswith(SUFFIX)


def _access_key(scope: Scope, headers: dict[str, str]) -> str:
    """Of the signature, in a header or, where the URL is presigned, in the query."""
    _, _, credential = headers.get("authorization", "").partition("Credential=")
    if not credential:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        credential = query.get("X-Amz-Credential", [""])[0]
    return credential.partition("/")[0].encode("ascii", "replace").decode()


async def _refuse(scope: Scope, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = f"403: {reason}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    emulator: Any = importlib.import_module("ministack.app")
    emulator.app = Guard(emulator.app, os.environ["AWS_ACCESS_KEY_ID"])
    emulator.main()
