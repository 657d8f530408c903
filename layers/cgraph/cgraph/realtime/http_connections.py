"""HTTP/1.1 for small requests to one host: as much of it as a push needs.

A general client costs five times the CPU of what it carries here: see docs/benchmarks/log.md.
"""

import asyncio
import ssl
from typing import cast
from urllib.parse import urlsplit

from cgraph.core.http_response import InvalidResponse, Response, parse_response

CONNECT_SECONDS = 2.0
RESPONSE_SECONDS = 5.0
WATCH_SECONDS = 1.0
"""How often responses that are late are looked for: a timer for each request would cost as much as
its signature.
"""

RECEIVE_BYTES = 4096


class Connection(asyncio.BufferedProtocol):
    """One request after the other."""

    def __init__(self) -> None:
        self._buffer = bytearray(RECEIVE_BYTES)
        self._received = bytearray()
        self._response: asyncio.Future[Response] | None = None
        self._transport: asyncio.Transport
        self.expires = 0.0
        """When the response is late, on the clock of the loop."""
        self.is_open = False

    def request(self, head_and_body: bytes) -> asyncio.Future[Response]:
        """The future raises OSError where the connection ends first, TimeoutError."""
        loop = asyncio.get_running_loop()
        self._response = loop.create_future()
        self.expires = loop.time() + RESPONSE_SECONDS
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
            response = parse_response(self._received)
        except InvalidResponse as error:
            self._transport.abort()
            self.fail(error)
            return
        if response is None:
            return
        self._received.clear()
        if self._response is not None and not self._response.done():
            self._response.set_result(response)


class Connections:
    """To the host of a URL, each kept for later requests."""

    def __init__(self, url: str) -> None:
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
        if response.is_last:
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
                Connection, self._host, self._port, ssl=self._tls
            )
        return connection
