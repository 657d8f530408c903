"""An httpx transport for the local cloud: HTTP/1.1 over asyncio streams, and no more of it than the
gateway speaks. The usual transport takes more CPU time than the function that answers."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

import httpx

TIMEOUT_SECONDS = 30.0
IDLE_SECONDS = 60.0
"""After which a connection is not used again: the gateway may be closing it."""

HEAD_BYTES = 1 << 20


class Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class LeanTransport(httpx.AsyncBaseTransport):
    """Raises httpx.ReadError where a connection ends before its response, httpx.ConnectError where
    there is nobody to connect to, and httpx.ReadTimeout."""

    def __init__(self, host: str, port: int, *, source: str | None = None) -> None:
        """`source`: the address from which it connects."""
        self._address = host, port
        self._source = None if source is None else (source, 0)
        self._idle: list[tuple[float, Connection]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        connection = await self._connect()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                connection.writer.write(_head(request) + content)
                response, is_last = await _read_response(connection.reader)
        except TimeoutError as error:
            connection.writer.close()
            raise httpx.ReadTimeout(f"nothing in {TIMEOUT_SECONDS:.0f} s") from error
        except (OSError, EOFError, ValueError) as error:
            connection.writer.close()
            raise httpx.ReadError(repr(error)) from error
        except BaseException:
            connection.writer.close()
            raise
        if is_last:
            connection.writer.close()
        else:
            self._idle.append((time.monotonic(), connection))
        return response

    async def aclose(self) -> None:
        for _, connection in self._idle:
            connection.writer.close()
        self._idle.clear()

    async def _connect(self) -> Connection:
        while self._idle:
            since, connection = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and _is_open(connection):
                return connection
            connection.writer.close()
        try:
            return Connection(
                *await asyncio.open_connection(
                    *self._address, limit=HEAD_BYTES, local_addr=self._source
                )
            )
        except OSError as error:
            raise httpx.ConnectError(repr(error)) from error


def _is_open(connection: Connection) -> bool:
    return not connection.reader.at_eof() and not connection.writer.is_closing()


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _read_response(reader: asyncio.StreamReader) -> tuple[httpx.Response, bool]:
    """And whether the connection ends with it. Raises EOFError, ValueError."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].split(b"\r\n")
    status = int(first.split(b" ", 2)[1])
    pairs = (line.split(b":", 1) for line in lines)
    headers = [(name.strip(), value.strip()) for name, value in pairs]
    values = {name.lower(): value for name, value in headers}
    length = int(values.get(b"content-length", b"0" if status == 204 else b"-1"))
    content = await reader.readexactly(length) if length >= 0 else await reader.read()
    is_last = length < 0 or values.get(b"connection", b"").lower() == b"close"
    return httpx.Response(status, headers=headers, content=content), is_last
