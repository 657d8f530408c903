"""HTTP/1.1 for small requests to one host: as much of it as a push and a search need.

A general client costs five times the CPU of what it carries here: see docs/benchmarks/log.md.
"""

import asyncio
import re
import ssl
from functools import partial
from typing import NamedTuple, cast
from urllib.parse import urlsplit

CONNECT_SECONDS = 2.0
RESPONSE_SECONDS = 5.0
WATCH_SECONDS = 1.0
"""How often responses that are late are looked for: a timer for each request would cost as much as
its signature.
"""

HEAD_BYTES = 65_536
RECEIVE_BYTES = 4096

_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|connection):[ \t]*([^\r]*)")
"""The fields of a head in lower case that say where the response ends."""


class Response(NamedTuple):
    status: int
    body: bytes


class InvalidResponse(OSError):
    """What came is no HTTP/1.1 response."""


class Connection(asyncio.BufferedProtocol):
    """One request after the other."""

    def __init__(
        self, *, response_seconds: float | None = None, receive_bytes: int = RECEIVE_BYTES
    ) -> None:
        self._response_seconds = response_seconds
        self._buffer = bytearray(receive_bytes)
        self._received = bytearray()
        self._response: asyncio.Future[Response] | None = None
        self._transport: asyncio.Transport
        self.expires = 0.0
        """When the response is late, on the clock of the loop."""
        self.is_open = False
        self.is_last = False
        """The response says that the host closes the connection after it."""

    def request(self, head_and_body: bytes) -> asyncio.Future[Response]:
        """The future raises OSError where the connection ends first, TimeoutError."""
        loop = asyncio.get_running_loop()
        self._response = loop.create_future()
        self.expires = loop.time() + (self._response_seconds or RESPONSE_SECONDS)
        self._transport.write(head_and_body)
        return self._response

    def close(self) -> None:
        self._transport.close()

    def fail(self, error: OSError) -> None:
        """Of the request under way, if there is one."""
        if self._response is not None and not self._response.done():
            self._response.set_exception(error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.fail(exc if isinstance(exc, OSError) else ConnectionResetError("closed"))

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._received += memoryview(self._buffer)[:nbytes]
        try:
            response = self._parse()
        except (ValueError, InvalidResponse) as error:
            self._transport.abort()
            self.fail(InvalidResponse(repr(error)))
            return
        if response is not None and self._response is not None and not self._response.done():
            self._response.set_result(response)

    def _parse(self) -> Response | None:
        """None until the response is complete. Raises ValueError, InvalidResponse."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > HEAD_BYTES:
                raise InvalidResponse("the head is too large")
            return None
        head = bytes(self._received[:end])
        if not head.startswith(b"HTTP/1.1 "):
            raise InvalidResponse(head[:20].decode("latin-1"))
        status = int(head[9:12])
        framing = {field[1]: field[2].strip() for field in _FRAMING.finditer(head.lower())}
        start = end + 4
        if framing.get(b"transfer-encoding") == b"chunked":
            body = _chunked(self._received, start)
        else:
            length = 0 if status == 204 else int(framing.get(b"content-length", 0))
            whole = len(self._received) >= start + length
            body = bytes(self._received[start : start + length]) if whole else None
        if body is None:
            return None
        self._received.clear()
        self.is_last = framing.get(b"connection") == b"close"
        return Response(status, body)


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
    """To the host of a URL, each kept for later requests. `response_seconds`: how long a response
    may take. `receive_bytes`: that are read at once.
    """

    def __init__(
        self,
        url: str,
        *,
        response_seconds: float | None = None,
        receive_bytes: int = RECEIVE_BYTES,
    ) -> None:
        self._new_connection = partial(
            Connection, response_seconds=response_seconds, receive_bytes=receive_bytes
        )
        parts = urlsplit(url)
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._is_secure else 80)
        self._tls = ssl.create_default_context() if self._is_secure else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._watchdog: asyncio.TimerHandle | None = None

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
        self._busy.add(connection)
        if self._watchdog is None:
            self._watch_later()
        try:
            response = await connection.request(head_and_body)
        except BaseException:
            connection.close()
            raise
        finally:
            self._busy.discard(connection)
        if connection.is_last:
            connection.close()
        else:
            self._idle.append(connection)
        return response

    def _watch_later(self) -> None:
        self._watchdog = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._watch)

    def _watch(self) -> None:
        self._watchdog = None
        now = asyncio.get_running_loop().time()
        for connection in self._busy:
            if connection.expires < now:
                connection.fail(TimeoutError("no response"))
        if self._busy:
            self._watch_later()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await loop.create_connection(
                self._new_connection, self._host, self._port, ssl=self._tls
            )
        return connection
