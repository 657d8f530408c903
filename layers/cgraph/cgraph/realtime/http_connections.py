"""HTTP/1.1 for small requests to one host: as much of it as a push needs.

A general client costs five times the CPU of what it carries here: see docs/benchmarks/log.md.
"""

import asyncio
import ssl
from typing import NamedTuple, cast
from urllib.parse import urlsplit

CONNECT_SECONDS = 2.0
RESPONSE_SECONDS = 5.0
HEAD_BYTES = 65_536


class Response(NamedTuple):
    status: int
    body: bytes


class InvalidResponse(OSError):
    """What came is no HTTP/1.1 response."""


class Connection(asyncio.Protocol):
    """One request after the other."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._response: asyncio.Future[Response] | None = None
        self._transport: asyncio.Transport
        self.is_open = False
        self.is_last = False
        """The response says that the host closes the connection after it."""

    async def request(self, head_and_body: bytes) -> Response:
        """Raises OSError where the connection ends first, TimeoutError."""
        self._response = asyncio.get_running_loop().create_future()
        self._transport.write(head_and_body)
        try:
            async with asyncio.timeout(RESPONSE_SECONDS):
                return await self._response
        finally:
            self._response = None

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail(exc if isinstance(exc, OSError) else ConnectionResetError("closed"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            response = self._parse()
        except (ValueError, InvalidResponse) as error:
            self._transport.abort()
            self._fail(InvalidResponse(repr(error)))
            return
        if response is not None and self._response is not None and not self._response.done():
            self._response.set_result(response)

    def _fail(self, error: OSError) -> None:
        if self._response is not None and not self._response.done():
            self._response.set_exception(error)

    def _parse(self) -> Response | None:
        """None until the response is complete. Raises ValueError, InvalidResponse."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > HEAD_BYTES:
                raise InvalidResponse("the head is too large")
            return None
        status_line, *lines = self._received[:end].decode("latin-1").split("\r\n")
        version, status, *_ = status_line.split(" ", 2)
        if version != "HTTP/1.1":
            raise InvalidResponse(version)
        fields = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        start = end + 4
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = _chunked(self._received, start)
        else:
            length = 0 if status == "204" else int(headers.get("content-length", 0))
            whole = len(self._received) >= start + length
            body = bytes(self._received[start : start + length]) if whole else None
        if body is None:
            return None
        self._received.clear()
        self.is_last = headers.get("connection", "").lower() == "close"
        return Response(int(status), body)


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


class Connections:
    """To the host of a URL, each kept for later requests."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._is_secure else 80)
        self._tls = ssl.create_default_context() if self._is_secure else None
        self._idle: list[Connection] = []

    async def request(self, head_and_body: bytes) -> Response:
        """What a kept connection has lost goes again on a new one: as often as not the connection
        only died while this environment was frozen. Raises OSError, TimeoutError.
        """
        connection = self._idle_connection()
        if connection is not None:
            try:
                return await self._request(connection, head_and_body)
            except ConnectionError:
                pass
        return await self._request(await self._connect(), head_and_body)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _idle_connection(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _request(self, connection: Connection, head_and_body: bytes) -> Response:
        try:
            response = await connection.request(head_and_body)
        except BaseException:
            connection.close()
            raise
        if connection.is_last:
            connection.close()
        else:
            self._idle.append(connection)
        return response

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await loop.create_connection(
                Connection, self._host, self._port, ssl=self._tls
            )
        return connection
