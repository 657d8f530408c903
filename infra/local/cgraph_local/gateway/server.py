"""Serves the gateway with uvicorn, inside an event loop that is already running."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from cgraph_local.gateway.gateway import Gateway
from cgraph_local.gateway.http_protocol import HttpProtocol
from cgraph_local.gateway.media_edge import MediaEdge
from cgraph_local.gateway.socket import Socket

HOST = "127.0.0.1"
STOP_SECONDS = 10


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """`cgraph run` handles the signals."""
        yield


class _AppServer:
    """Serves on a port of this machine. `config`: arguments of uvicorn."""

    def __init__(self, app: Any, *, port: int, **config: Any) -> None:
        self._port = port
        self._server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=STOP_SECONDS,
                **config,
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


class GatewayServer(_AppServer):
    def __init__(self, gateway: Gateway, *, port: int) -> None:
        def new_socket(*, server_state: ServerState, **_: Any) -> Socket:
            return gateway.new_socket(server=server_state)

        def new_http(**arguments: Any) -> HttpProtocol:
            return HttpProtocol(gateway, **arguments)

        super().__init__(gateway, port=port, http=new_http, ws=new_socket)


class MediaServer(_AppServer):
    """The media have an origin of their own, as on AWS: nothing that is shown from it can read what
    the API answers.
    """

    def __init__(self, edge: MediaEdge, *, port: int) -> None:
        super().__init__(edge, port=port, http="httptools", ws="none")
