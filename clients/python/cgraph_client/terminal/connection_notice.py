"""Shows that the connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cgraph_client.realtime.connection_manager import ConnectionState
from cgraph_client.terminal.screens.screen import Screen

PATIENCE_SECONDS = 2.0
"""Nobody notices a connection that is back sooner, so nothing is shown."""


class ConnectionNotice:
    """`reason` returns why the connection is lost."""

    def __init__(self, screen: Screen, *, reason: Callable[[], str]) -> None:
        self._screen = screen
        self._reason = reason
        self._timer: asyncio.TimerHandle | None = None

    def set_state(self, state: ConnectionState) -> None:
        self.close()
        if state is ConnectionState.RECONNECTING:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._show)
        elif state is ConnectionState.CONNECTED:
            self._screen.set_connection_status("")

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _show(self) -> None:
        self._screen.set_connection_status(f"reconnecting… ({self._reason()})")
