"""Serves the gateway with uvicorn, inside an event loop that is already running."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from cgraph_local.gateway.asgi import HttpResponse
from cgraph_local.gateway.connections_api import ConnectionsRequest
from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.problems import Problem
from cgraph_local.gateway.socket import MESSAGE_LIMIT, Socket

HOST = "127.0.0.1"
STOP_SECONDS = 10


class _HttpProtocol(HttpToolsProtocol):
    """Adds the transport to the scope, so that fault injection can close the connection; answers an
    invalid request with a problem document, and `@connections` without a task and without ASGI: a
    busy conversation has thousands of posts a second.
    """

    def __init__(self, gateway: Gateway, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._gateway = gateway
        self._post: bytearray | None = None
        """The body of a request to `@connections` as far as it has come."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"cgraph.transport": self.transport}  # type: ignore[dict-item]
        self._post = None

    def on_headers_complete(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        is_post = self.url.startswith(self._gateway.connections_path)
        if is_post and is_idle and not self.expect_100_continue:
            self._post = bytearray()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._post is None:
            super().on_body(body)
        elif len(self._post) <= MESSAGE_LIMIT:
            self._post += body

    def on_message_complete(self) -> None:
        if self._post is None:
            super().on_message_complete()
            return
        method = self.parser.get_method().decode("ascii")
        request = ConnectionsRequest(method, self.url, self.headers, bytes(self._post))
        is_last = not self.parser.should_keep_alive()
        self.transport.write(_serialize(self._gateway.handle_post(request), is_last=is_last))
        if is_last:
            self.transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        response = Problem.BAD_REQUEST.response(msg)
        head = [
            b"HTTP/1.1 400 Bad Request",
            *(name + b": " + value for name, value in response.headers),
            b"content-length: %d" % len(response.body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + response.body)
        self.transport.close()


def _serialize(response: HttpResponse, *, is_last: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}".encode(),
        *(name + b": " + value for name, value in response.headers),
    ]
    if response.status != HTTPStatus.NO_CONTENT:
        lines.append(b"content-length: %d" % len(response.body))
    if is_last:
        lines.append(b"connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n" + response.body


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """`cgraph run` handles the signals."""
        yield


class GatewayServer:
    def __init__(self, gateway: Gateway, *, port: int) -> None:
        def new_socket(*, server_state: ServerState, **_: Any) -> Socket:
            return gateway.new_socket(server=server_state)

        def new_http(**arguments: Any) -> _HttpProtocol:
            return _HttpProtocol(gateway, **arguments)

        self._port = port
        self._server = _Server(
            uvicorn.Config(
                gateway,
                http=new_http,  # type: ignore[arg-type]
                ws=new_socket,  # type: ignore[arg-type]
                interface="asgi3",
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Returns the port: a free one when the gateway was made with port 0. Raises OSError when
        the port is not free.
        """
        listener = socket.socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, self._port))
        except OSError:
            listener.close()
            raise
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(0.005)
        port: int = listener.getsockname()[1]
        return port

    async def stop(self) -> None:
        """Accepts no more connections, closes the sockets and waits for requests in progress."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
