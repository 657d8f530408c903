"""The ASGI types that the gateway uses, and the HTTP response that all its parts return."""

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
class HttpResponse:
    status: int
    headers: Headers
    body: bytes = b""


class ClientDisconnected(Exception):
    """The client closed its connection before the request was complete."""


class BodyTooLarge(Exception):
    """The body of the request is larger than the limit."""


def json_response(value: object, *, status: int = 200) -> HttpResponse:
    return HttpResponse(status, [JSON], orjson.dumps(value))


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """Reads no more than `limit` bytes into memory. Raises BodyTooLarge, ClientDisconnected."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnected
    body: bytes = message["body"]
    if not message["more_body"]:
        if len(body) > limit:
            raise BodyTooLarge
        return body
    chunks = [body]
    size = len(body)
    while message["more_body"] and size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunks.append(message["body"])
        size += len(message["body"])
    if size > limit:
        raise BodyTooLarge
    return b"".join(chunks)


async def send_response(response: HttpResponse, send: Send) -> None:
    headers = response.headers
    if response.body or response.status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
