"""What GetConnection returns about a socket."""

from datetime import UTC, datetime

from cgraph_local.gateway.socket import Socket


def connection_info(socket: Socket) -> dict[str, object]:
    """The response body."""
    return {
        "connectedAt": _iso(socket.connected_at),
        "identity": {"sourceIp": socket.client_ip, "userAgent": socket.user_agent},
        "lastActiveAt": _iso(socket.last_active_at),
    }


def _iso(milliseconds: int) -> str:
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
