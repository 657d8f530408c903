"""Reads an HTTP/1.1 response of a host that nobody vouches for: no more of it than is wanted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_BYTES = 32_768


class BadResponse(OSError):
    """What came is no HTTP/1.1 response, or its head is too large."""


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """`headers`: by name in lower case; of repeated ones the first. `is_cut`: the body has more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


async def read_response(
    reader: asyncio.StreamReader, *, method: str, body_bytes: int
) -> OutboundResponse:
    """At most `body_bytes` of the body. Raises OSError, BadResponse."""
    try:
        status, headers = await _read_head(reader)
        if method == "HEAD" or status in {204, 304}:
            return OutboundResponse(status, headers, b"", False)
        if headers.get("transfer-encoding", "").lower().endswith("chunked"):
            body = await _read_chunks(reader, body_bytes + 1)
        else:
            length = int(headers.get("content-length", body_bytes + 1))
            body = await _read_at_most(reader, min(length, body_bytes + 1))
            if len(body) < min(int(headers.get("content-length", 0)), body_bytes + 1):
                raise BadResponse("the body ends early")
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BadResponse(repr(error)) from error
    return OutboundResponse(status, headers, body[:body_bytes], len(body) > body_bytes)


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """That of the last response: 1xx responses come before it. Raises ValueError."""
    size = 0
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        size += len(head)
        if size > HEAD_BYTES:
            raise BadResponse("the head is too large")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        if not first.startswith(("HTTP/1.1 ", "HTTP/1.0 ")):
            raise BadResponse("no HTTP/1.1")
        status = int(first[9:12])
        if status >= 200:
            return status, _headers(lines)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


async def _read_chunks(reader: asyncio.StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) < most:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        if size < 0:
            raise BadResponse("a chunk of negative length")
        if size == 0:
            break
        body += await _read_at_most(reader, min(size, most - len(body)))
        if len(body) < most:
            await reader.readexactly(2)
    return bytes(body)


async def _read_at_most(reader: asyncio.StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) < most:
        data = await reader.read(most - len(body))
        if not data:
            break
        body += data
    return bytes(body)
