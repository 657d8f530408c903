"""The little of ASGI the gateway speaks, and the one reply shape all its parts give."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

JSON = (b"content-type", b"application/json")

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Headers
    body: bytes = b""


class ClientGone(Exception):
    """The client closed its connection before its request was whole."""


class TooLarge(Exception):
    """The body passed the limit; what was read of it is dropped."""


def json_reply(value: object, *, status: int = 200) -> Reply:
    return Reply(status, [JSON], orjson.dumps(value))


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """At most `limit` bytes are ever held."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message["body"]
    if not message["more_body"]:
        if len(body) > limit:
            raise TooLarge
        return body
    chunks = [body]
    size = len(body)
    while message["more_body"] and size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message["body"])
        size += len(message["body"])
    if size > limit:
        raise TooLarge
    return b"".join(chunks)


async def send_reply(reply: Reply, send: Send) -> None:
    headers = reply.headers
    if reply.body or reply.status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
