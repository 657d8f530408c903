"""Reads an HTTP/1.1 response from what has come of it: as much of HTTP as AWS's answers need."""

import re
from typing import NamedTuple

HEAD_BYTES = 65_536

_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|connection):[ \t]*([^\r]*)")
"""The fields of a head in lower case that say where the response ends."""


class Response(NamedTuple):
    """`is_last`: the host closes the connection after it."""

    status: int
    body: bytes
    is_last: bool


class InvalidResponse(OSError):
    """What came is no HTTP/1.1 response."""


def parse_response(received: bytearray) -> Response | None:
    """None until it is complete. Raises InvalidResponse."""
    try:
        return _parse(received)
    except ValueError as error:
        raise InvalidResponse(repr(error)) from error


def _parse(received: bytearray) -> Response | None:
    """Raises ValueError, InvalidResponse."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        if len(received) > HEAD_BYTES:
            raise InvalidResponse("the head is too large")
        return None
    head = bytes(received[:end])
    if not head.startswith(b"HTTP/1.1 "):
        raise InvalidResponse(head[:20].decode("latin-1"))
    status = int(head[9:12])
    framing = {field[1]: field[2].strip() for field in _FRAMING.finditer(head.lower())}
    start = end + 4
    if framing.get(b"transfer-encoding") == b"chunked":
        body = _chunked(received, start)
    else:
        length = 0 if status == 204 else int(framing.get(b"content-length", 0))
        whole = len(received) >= start + length
        body = bytes(received[start : start + length]) if whole else None
    if body is None:
        return None
    return Response(status, body, framing.get(b"connection") == b"close")


def _chunked(data: bytearray, start: int) -> bytes | None:
    """The body from there on; None until it is complete. Raises ValueError."""
    body = bytearray()
    while (end := data.find(b"\r\n", start)) >= 0:
        size = int(data[start:end].split(b";")[0], 16)
        start = end + 2
        if len(data) < start + size + 2:
            return None
        if size == 0:
            return bytes(body)
        body += data[start : start + size]
        start += size + 2
    return None
