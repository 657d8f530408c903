"""The `@connections` API, by which functions post to sockets. It returns the errors of AWS."""

import orjson

from cgraph_local.gateway.asgi import (
    JSON,
    BodyTooLarge,
    HttpResponse,
    Receive,
    Scope,
    json_response,
    read_body,
)
from cgraph_local.gateway.connection_info import connection_info
from cgraph_local.gateway.fault_injection import FaultInjection
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.socket import MESSAGE_LIMIT, PostResult

_SIGNATURE_PREFIX = b"AWS4-HMAC-SHA256 "


def _error(status: int, kind: str, message: str) -> HttpResponse:
    headers = [JSON, (b"x-amzn-errortype", kind.encode())]
    return HttpResponse(status, headers, orjson.dumps({"message": message}))


SENT = HttpResponse(200, [JSON])
DELETED = HttpResponse(204, [])
MISSING_SIGNATURE = _error(
    403, "MissingAuthenticationTokenException", "Missing Authentication Token"
)
GONE = _error(410, "GoneException", "Gone")
TOO_LARGE = _error(413, "PayloadTooLargeException", "Payload Too Large")
FULL = _error(429, "LimitExceededException", "Limit Exceeded")
NOT_TEXT = _error(400, "BadRequestException", "Data must be UTF-8")
NOT_ALLOWED = _error(403, "ForbiddenException", "Forbidden")
FAILED = _error(500, "InternalServerErrorException", "Internal server error")

_RESPONSES = {PostResult.SENT: SENT, PostResult.GONE: GONE, PostResult.FULL: FULL}
_INJECTED_RESPONSES = {410: GONE, 429: FULL, 500: FAILED}


class ConnectionsApi:
    def __init__(self, sockets: OpenSockets, *, faults: FaultInjection) -> None:
        self._sockets = sockets
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive, *, connection_id: str) -> HttpResponse:
        if not _is_signed(scope):
            return MISSING_SIGNATURE
        method = scope["method"]
        if method == "POST":
            return await self._post(connection_id, receive)
        socket = self._sockets.get(connection_id)
        if socket is None:
            return GONE
        if method == "GET":
            return json_response(connection_info(socket))
        if method == "DELETE":
            socket.close(1000, "Connection closed by the backend")
            return DELETED
        return NOT_ALLOWED

    async def _post(self, connection_id: str, receive: Receive) -> HttpResponse:
        try:
            data = await read_body(receive, limit=MESSAGE_LIMIT)
            data.decode("utf-8")
        except BodyTooLarge:
            return TOO_LARGE
        except UnicodeDecodeError:
            return NOT_TEXT
        faults = self._faults
        if faults.affects_posts and (status := faults.post_status(connection_id)) is not None:
            return _INJECTED_RESPONSES[status]
        socket = self._sockets.get(connection_id)
        if socket is None:
            return GONE
        result = faults.post(socket, data) if faults.affects_posts else socket.post(data)
        return _RESPONSES[result]


def _is_signed(scope: Scope) -> bool:
    return any(
        name == b"authorization" and value.startswith(_SIGNATURE_PREFIX)
        for name, value in scope["headers"]
    )
