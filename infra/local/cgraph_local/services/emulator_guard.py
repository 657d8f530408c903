"""Runs the emulator, but answers only programs that know its access key.

It is executed by the emulator's own Python. The emulator itself takes any credentials and allows
each web page to call it: so a page in the user's browser could read the queues and the uploads.
"""

import hmac
import importlib
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

HEALTH = "/_ministack/health"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SUFFIX = ".localhost"
"""Of a bucket's own host name, such as media.localhost."""


class Guard:
    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], key: str) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and (reason := self._refusal(scope)):
            await _refuse(scope, send, reason)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        if not _is_loopback(f"//{headers.get('host', '')}"):
            return "the Host is not of this machine"
        if "origin" in headers and not _is_loopback(headers["origin"]):
            return "the Origin is not of this machine"
        if scope["path"] == HEALTH or hmac.compare_digest(_access_key(scope, headers), self._key):
            return None
        return "the access key is not that of this local cloud"


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
