"""Runs the emulator, but answers only programs that know its access key.

It is executed by the emulator's own Python. The emulator itself takes any credentials and allows
each web page to call it: so a page in the user's browser could read the queues and the uploads.

It also tells which queues have new messages, so that nobody has to poll them.
"""

import asyncio
import hmac
import importlib
import json
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

SENDS = "/_cgraph/sends"
SENDS_SECONDS = 5.0
"""How long a request for them waits: the emulator does not stop before it has an answer, or before
its client has closed the connection."""
LOOK_SECONDS = 0.1
SENDING = {f"AmazonSQS.{action}" for action in ("SendMessage", "SendMessageBatch")}
QUEUE = re.compile(rb'"QueueUrl"\s*:\s*"[^"]*/([^"/]+)"')
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 3
"""For requests in progress when it stops."""
HEALTH = "/_ministack/health"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SUFFIX = ".localhost"
"""Of a bucket's own host name, such as media.localhost."""


FORM_HEAD_BYTES = 64 * 1024
"""The fields of a form are in them: the file comes last."""
FORM_FIELD = re.compile(
    rb'name="(policy|x-amz-credential|x-amz-signature)"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n',
    re.IGNORECASE,
)


class Guard:
    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        key: str,
        *,
        secret: str = "",
        origins: Collection[str] = (),
        messages: "Messages",
    ) -> None:
        """`origins`: of web pages that may upload, beside those of this machine."""
        self._app = app
        self._key = key
        self._secret = secret
        self._origins = frozenset(origins)
        self._sends = Sends(messages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        if reason := self._origin_refusal(headers):
            await _refuse(scope, send, reason)
        elif _is_preflight(scope, headers):
            await self._app(scope, receive, send)  # of a page that may upload; it has no key
        elif _is_form(scope, headers):
            await self._take_form(scope, receive, send)
        elif reason := self._key_refusal(scope, headers):
            await _refuse(scope, send, reason)
        elif scope["path"] == SENDS:
            await self._sends.answer(scope, receive, send)
        elif headers.get("x-amz-target") in SENDING:
            body = Body(receive)
            await self._app(scope, body.receive, send)
            self._sends.note(bytes(body.content))
        else:
            await self._app(scope, receive, send)

    def _origin_refusal(self, headers: dict[str, str]) -> str | None:
        if not _is_loopback(f"//{headers.get('host', '')}"):
            return "the Host is not of this machine"
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins and not _is_loopback(origin):
            return "the Origin is not of this machine"
        return None

    async def _take_form(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = await Head.read(receive, FORM_HEAD_BYTES)
        if self._has_signed(head.content):
            await self._app(scope, head.receive, send)
        else:
            await _refuse(scope, send, "the form is not signed by this local cloud")

    def _has_signed(self, form: bytes) -> bool:
        """As S3 checks it; what the policy allows, the emulator checks."""
        fields = {name.lower(): text for name, text in FORM_FIELD.findall(form)}
        key_id, _, scope = fields.get(b"x-amz-credential", b"").decode("latin-1").partition("/")
        key = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, fields.get(b"policy", b""), "sha256").hex()
        given = fields.get(b"x-amz-signature", b"")
        return hmac.compare_digest(key_id.encode(), self._key.encode()) and hmac.compare_digest(
            given, signature.encode()
        )

    def _key_refusal(self, scope: Scope, headers: dict[str, str]) -> str | None:
        if scope["path"] == HEALTH or hmac.compare_digest(_access_key(scope, headers), self._key):
            return None
        return "the access key is not that of this local cloud"


def _is_preflight(scope: Scope, headers: dict[str, str]) -> bool:
    return (
        scope.get("method") == "OPTIONS"
        and "origin" in headers
        and "access-control-request-method" in headers
    )


class Head:
    """The beginning of a body, which is read twice."""

    def __init__(self, messages: list[Any], receive: Receive) -> None:
        self._messages = messages
        self._receive = receive
        self.content = b"".join(message.get("body", b"") for message in messages)

    @classmethod
    async def read(cls, receive: Receive, most: int) -> "Head":
        messages, size = [], 0
        while size < most:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        return cls(messages, receive)

    async def receive(self) -> Any:
        return self._messages.pop(0) if self._messages else await self._receive()


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
    """By the name of a queue, the number of the last change that gave it messages: a request that
    sent some, or the time at which a message became visible (delayed, received and not deleted, or
    put there by a bucket).
    """

    def __init__(self, messages: "Messages") -> None:
        self._messages = messages
        self._looked_at = 0.0
        self._number = 0
        self._queues: dict[str, int] = {}
        self._sent_at: dict[str, float] = {}
        self._next = asyncio.Event()

    def note(self, body: bytes) -> None:
        if found := QUEUE.search(body):
            queue = found[1].decode()
            self._sent_at[queue] = time.time()
            self._add(queue)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The queues that got messages since `after`, once there are some."""
        after = int(parse_qs(scope["query_string"].decode()).get("after", ["0"])[0])
        ending = asyncio.ensure_future(_end(receive))
        deadline = time.monotonic() + SENDS_SECONDS
        self._look()
        while after == self._number and not ending.done() and time.monotonic() < deadline:
            arrival = asyncio.ensure_future(self._next.wait())
            await asyncio.wait(
                {arrival, ending}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            arrival.cancel()
            self._look()
        ending.cancel()
        since = after if after <= self._number else 0  # the emulator was started again
        queues = [name for name, number in self._queues.items() if number > since]
        body = json.dumps({"number": self._number, "queues": queues}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _look(self) -> None:
        """Adds the queues in which a message became visible since the last look, unless the request
        that sent it has done so."""
        now, visible = time.time(), set[str]()
        for queue, visible_at in self._messages():
            noted_at = max(self._looked_at, self._sent_at.get(queue, 0.0))
            if noted_at < visible_at <= now:
                visible.add(queue)
        for queue in visible:
            self._add(queue)
        self._looked_at = now

    def _add(self, queue: str) -> None:
        self._number += 1
        self._queues[queue] = self._number
        self._next.set()
        self._next = asyncio.Event()


Messages = Callable[[], Iterator[tuple[str, float]]]
"""The messages in all queues: the name of the queue, and the time from which it can be received."""


def messages_of_emulator() -> Iterator[tuple[str, float]]:
    sqs: Any = importlib.import_module("ministack.services.sqs")
    for _, queue in sqs._queues.all_items():
        for message in queue["messages"]:
            yield queue["name"], message["visible_at"]


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


def _is_form(scope: Scope, headers: dict[str, str]) -> bool:
    """With which a client sends a file: its signature is in its fields."""
    return (
        scope.get("method") == "POST"
        and "authorization" not in headers
        and headers.get("content-type", "").lower().startswith("multipart/form-data")
    )


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


def serve(app: Guard) -> None:
    """Until SIGTERM. In uvicorn: the server that the emulator brings along takes twice the CPU
    time for a request."""
    uvicorn: Any = importlib.import_module("uvicorn")
    # At its end the emulator imports its SFTP server to stop it: half a second, and it never ran.
    sys.modules["ministack.services.transfer"] = None  # type: ignore[assignment]
    # uvicorn raises the signal again when it has stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvicorn.run(
        app,
        host=os.environ["BIND_HOST"],
        port=int(os.environ["GATEWAY_PORT"]),
        http="httptools",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        date_header=False,  # the emulator's answers have one
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    emulator: Any = importlib.import_module("ministack.app")
    serve(
        Guard(
            emulator.app,
            os.environ["AWS_ACCESS_KEY_ID"],
            secret=os.environ["AWS_SECRET_ACCESS_KEY"],
            origins=os.environ.get("CGRAPH_WEB_ORIGINS", "").split(","),
            messages=messages_of_emulator,
        )
    )
