"""A connection to one host for small requests, one after the other, which waits in the system call.

The standard library's client takes three times the CPU time of such a request.
"""

import socket
import ssl
from collections.abc import Mapping

from cgraph.core.http_response import Response, parse_response

RECEIVE_BYTES = 16_384


class HttpConnection:
    """Opened by its first request. After an error it is of no use any more."""

    def __init__(self, scheme: str, host: str) -> None:
        """`host`: with a port where it is not the scheme's."""
        name, _, port = host.partition(":")
        self._is_secure = scheme == "https"
        self._address = name, int(port or (443 if self._is_secure else 80))
        self._socket: socket.socket | None = None

    def request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, timeout: float
    ) -> Response:
        """`timeout`: seconds for the next bytes. Raises OSError, also as TimeoutError."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        if self._socket is None:
            self._socket = self._connect(timeout)
        self._socket.settimeout(timeout)
        self._socket.sendall(head.encode() + body)
        response = _receive(self._socket)
        if response.is_last:
            self.close()
        return response

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self, timeout: float) -> socket.socket:
        connection = socket.create_connection(self._address, timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._is_secure:
            return connection
        context = ssl.create_default_context()
        return context.wrap_socket(connection, server_hostname=self._address[0])


def _receive(connection: socket.socket) -> Response:
    received = bytearray()
    while True:
        data = connection.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionResetError("closed")
        received += data
        if response := parse_response(received):
            return response
