"""The open sockets by connection id. Closes those that are idle or old, as AWS does."""

import asyncio
from collections.abc import Iterator

from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.socket import Socket


class OpenSockets:
    """There is one timer for all sockets, and none while there is no socket."""

    def __init__(self, options: GatewayOptions) -> None:
        self._open: dict[str, Socket] = {}
        self._idle_seconds = options.socket_idle_seconds
        self._life_seconds = options.socket_life_seconds
        self._sweep_interval = min(1.0, self._idle_seconds / 10, self._life_seconds / 10)
        self._sweeper: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[Socket]:
        return iter(self._open.values())

    def get(self, connection_id: str) -> Socket | None:
        return self._open.get(connection_id)

    def add(self, socket: Socket) -> None:
        self._open[socket.id] = socket
        if self._sweeper is None:
            self._sweep_later()

    def remove(self, socket: Socket) -> None:
        self._open.pop(socket.id, None)
        if not self._open and self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep_later(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(self._sweep_interval, self._sweep)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for socket in list(self._open.values()):
            is_idle = now - socket.active_at >= self._idle_seconds
            if is_idle or now - socket.opened_at >= self._life_seconds:
                socket.close(1001, "Going away")
        if self._open:
            self._sweep_later()
