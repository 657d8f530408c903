"""`@connections`: how functions reach the sockets. Its errors are those boto3 knows by name."""

from datetime import UTC, datetime

import orjson

from cgraph_local.gateway.asgi import JSON, Receive, Reply, Scope, TooLarge, json_reply, read_body
from cgraph_local.gateway.fault_injection import Faults
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.socket import MESSAGE_LIMIT, Posted, Socket

_SIGNED = b"AWS4-HMAC-SHA256 "


def _error(status: int, kind: str, message: str) -> Reply:
    headers = [JSON, (b"x-amzn-errortype", kind.encode())]
    return Reply(status, headers, orjson.dumps({"message": message}))


SENT = Reply(200, [JSON])
DELETED = Reply(204, [])
UNSIGNED = _error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
GONE = _error(410, "GoneException", "Gone")
TOO_LARGE = _error(413, "PayloadTooLargeException", "Payload Too Large")
FULL = _error(429, "LimitExceededException", "Limit Exceeded")
NOT_TEXT = _error(400, "BadRequestException", "Data must be UTF-8")
NOT_ALLOWED = _error(403, "ForbiddenException", "Forbidden")
FAILED = _error(500, "InternalServerErrorException", "Internal server error")

_POSTED = {Posted.SENT: SENT, Posted.GONE: GONE, Posted.FULL: FULL}
_FAULTS = {410: GONE, 429: FULL, 500: FAILED}


class ConnectionsApi:
    def __init__(self, sockets: OpenSockets, *, faults: Faults) -> None:
        self._sockets = sockets
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive, *, connection_id: str) -> Reply:
        if not _is_signed(scope):
            return UNSIGNED
        method = scope["method"]
        if method == "POST":
            return await self._post(connection_id, receive)
        socket = self._sockets.get(connection_id)
        if socket is None:
            return GONE
        if method == "GET":
            return json_reply(description(socket))
        if method == "DELETE":
            socket.close(1000, "Connection closed by the backend")
            return DELETED
        return NOT_ALLOWED

    async def _post(self, connection_id: str, receive: Receive) -> Reply:
        try:
            data = await read_body(receive, limit=MESSAGE_LIMIT)
            data.decode("utf-8")
        except TooLarge:
            return TOO_LARGE
        except UnicodeDecodeError:
            return NOT_TEXT
        faults = self._faults
        if faults.posts and (status := faults.answer(connection_id)) is not None:
            return _FAULTS[status]
        socket = self._sockets.get(connection_id)
        if socket is None:
            return GONE
        return _POSTED[faults.post(socket, data) if faults.posts else socket.post(data)]


def description(socket: Socket) -> dict[str, object]:
    """As GetConnection answers."""
    return {
        "connectedAt": _iso(socket.connected_at),
        "identity": {"sourceIp": socket.peer, "userAgent": socket.user_agent},
        "lastActiveAt": _iso(socket.last_active_at),
    }


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_signed(scope: Scope) -> bool:
    return any(
        name == b"authorization" and value.startswith(_SIGNED) for name, value in scope["headers"]
    )
