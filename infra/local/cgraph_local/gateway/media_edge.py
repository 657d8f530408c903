"""Plays CloudFront in front of the media, as infra/media.yaml configures it: its own origin, signed
requests only, and the same headers on each answer.

It keeps nothing: on AWS, the edge keeps an object for a minute.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cgraph.media.signatures import PUBLIC_PATH, UrlRefused, verify
from cgraph_local.gateway import browser_guard
from cgraph_local.gateway.asgi import Headers, HttpResponse, Receive, Scope, Send, send_response
from cgraph_local.gateway.byte_ranges import ByteRange, RangeNotSatisfiable, read_range
from cgraph_local.gateway.media_origin import MediaOrigin, OriginFailed, StoredObject

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

logger = logging.getLogger(__name__)

TEXT = (b"content-type", b"text/plain; charset=utf-8")
WHOLE = "*"


class MediaEdge:
    """An ASGI app for HTTP."""

    def __init__(
        self,
        origin: MediaOrigin,
        *,
        base: str,
        keys: Mapping[str, "RSAPublicKey"],
        headers: Headers,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`base`: the URL that is signed; `keys`: of the key group, by their ids; `headers`: on
        each answer.
        """
        self._origin = origin
        self._base = base
        self._keys = keys
        self._headers = headers
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refused := self._refusal(scope):
            await self._refuse(send, 403, refused)
            return
        try:
            await self._serve(scope, receive, send)
        except OriginFailed:
            logger.exception("the origin of media failed")
            await self._refuse(send, 502, "The bucket does not answer.")

    def _refusal(self, scope: Scope) -> str | None:
        """Of a request that CloudFront answers by itself, or that a page sent whose name leads to
        this machine: pages of other sites may show what they have a URL of, as on AWS.
        """
        host = [(name, value) for name, value in scope["headers"] if name == b"host"]
        if reason := browser_guard.refusal(host, allowed=()):
            return reason
        if scope["method"] not in ("GET", "HEAD"):
            return "Only GET and HEAD are allowed."
        path = scope["raw_path"].decode("latin-1")
        if PUBLIC_PATH.fullmatch(path):
            return None
        query = scope["query_string"].decode("latin-1")
        try:
            verify(path, query, base=self._base, keys=self._keys, now=self._now())
        except UrlRefused as refusal:
            return f"Access denied: {refusal}."
        return None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = scope["raw_path"].decode("latin-1").removeprefix("/")
        found = await self._origin.find(key)
        if found is None:
            await self._refuse(send, 404, "There is no such object.")
            return
        asked = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        headers = [*_encode(found.headers), *self._headers, (b"accept-ranges", b"bytes")]
        if _is_unchanged(asked, found):
            kept = [header for header in headers if header[0] != b"content-type"]
            await send_response(HttpResponse(304, kept), send)
            return
        try:
            part = _part(asked, found)
        except RangeNotSatisfiable:
            length = (b"content-range", b"bytes */%d" % found.size)
            await send_response(HttpResponse(416, [*self._headers, TEXT, length]), send)
            return
        size = part.size if part else found.size
        headers.append((b"content-length", b"%d" % size))
        if part:
            headers.append(
                (b"content-range", b"bytes %d-%d/%d" % (part.first, part.last, found.size))
            )
        start = {"type": "http.response.start", "status": 206 if part else 200, "headers": headers}
        if scope["method"] == "HEAD" or not size:
            await send(start)
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._stream(key, part, start=start, receive=receive, send=send)

    async def _stream(
        self, key: str, part: ByteRange | None, *, start: Scope, receive: Receive, send: Send
    ) -> None:
        """Until the client closes its connection."""
        leaving = asyncio.ensure_future(_disconnected(receive))
        try:
            async with self._origin.open(key, part) as chunks:
                await send(start)
                async for chunk in chunks:
                    if leaving.done():
                        return
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()

    async def _refuse(self, send: Send, status: int, reason: str) -> None:
        body = f"{status}: {reason}\n".encode()
        await send_response(HttpResponse(status, [*self._headers, TEXT], body), send)


def _is_unchanged(asked: Mapping[str, str], found: StoredObject) -> bool:
    given = asked.get("if-none-match")
    if given is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return WHOLE in tags or found.headers.get("etag") in tags


def _part(asked: Mapping[str, str], found: StoredObject) -> ByteRange | None:
    """A range of another version of the object is not the part that the client lacks."""
    condition = asked.get("if-range")
    if condition is not None and condition != found.headers.get("etag"):
        return None
    return read_range(asked.get("range", ""), size=found.size)


def _encode(headers: Mapping[str, str]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
