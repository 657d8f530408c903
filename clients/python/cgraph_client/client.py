"""The client of one user: the HTTP API and the realtime connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cgraph_client.api.api_client import ApiClient
from cgraph_client.core.backoff import Backoff
from cgraph_client.realtime.connection import RealtimeConnection
from cgraph_client.realtime.connection_manager import ConnectionState


class Client(ApiClient):
    """Methods send one request and raise: `ApiError` where the server refuses it, `Unreachable`
    where no answer comes. Use an `Outbox` for what must arrive."""

    def connect(
        self,
        cursors: Mapping[str, int] | None = None,
        *,
        on_state: Callable[[ConnectionState], None] | None = None,
        heartbeat: float | None = None,
        backoff: Backoff | None = None,
    ) -> RealtimeConnection:
        """Returns a connection that yields everything that happens from now on, or after the
        cursors of an earlier connection.

        `heartbeat`: seconds between pings, by default what the server asks for. A push that is
        lost while no other follows is noticed at the next ping.
        """
        return RealtimeConnection(
            self, cursors=cursors, on_state=on_state, heartbeat=heartbeat, backoff=backoff
        )
