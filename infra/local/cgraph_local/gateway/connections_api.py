"""The `@connections` API, by which functions post to sockets. It returns the errors of AWS."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import unquote

import orjson

from cgraph_local.core.credentials import Credentials
from cgraph_local.gateway.asgi import JSON, Headers, HttpResponse, json_response
from cgraph_local.gateway.connection_info import connection_info
from cgraph_local.gateway.fault_injection import FaultInjection
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.signature import is_signed
from cgraph_local.gateway.socket import PostResult
from cgraph_local.gateway.socket_frames import MESSAGE_LIMIT


def _error(status: int, kind: str, message: str) -> HttpResponse:
    headers = [JSON, (b"x-amzn-errortype", kind.encode())]
    return HttpResponse(status, headers, orjson.dumps({"message": message}))


SENT = HttpResponse(200, [JSON])
DELETED = HttpResponse(204, [])
MISSING_SIGNATURE = _error(
    403, "MissingAuthenticationTokenException", "Missing Authentication Token"
)
WRONG_SIGNATURE = _error(
    403,
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
)
GONE = _error(410, "GoneException", "Gone")
TOO_LARGE = _error(413, "PayloadTooLargeException", "Payload Too Large")
FULL = _error(429, "LimitExceededException", "Limit Exceeded")
NOT_TEXT = _error(400, "BadRequestException", "Data must be UTF-8")
NOT_ALLOWED = _error(403, "ForbiddenException", "Forbidden")
FAILED = _error(500, "InternalServerErrorException", "Internal server error")

_RESPONSES = {PostResult.SENT: SENT, PostResult.GONE: GONE, PostResult.FULL: FULL}
_INJECTED_RESPONSES = {410: GONE, 429: FULL, 500: FAILED}


@dataclass(frozen=True, slots=True)
class ConnectionsRequest:
    """`target`: path and query, as they were sent."""

    method: str
    target: bytes
    headers: Headers
    body: bytes

    @property
    def connection_id(self) -> str:
        return _connection_id(self.target)


@lru_cache(maxsize=4096)
def _connection_id(target: bytes) -> str:
    path = target.partition(b"?")[0]
    name = path.rpartition(b"/")[2].replace(b"%3D", b"=").decode("latin-1")
    return unquote(name) if "%" in name else name


def parse_whole(data: bytes) -> ConnectionsRequest | None:
    """A request that has come in one piece, as those of functions do. None: only the HTTP parser
    can tell what it is.
    """
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, _, rest = first.partition(b" ")
    target, _, version = rest.partition(b" ")
    fields = (line.partition(b":") for line in lines)
    headers = [(name.lower(), text.strip()) for name, _, text in fields]
    sent = dict(headers)
    if version != b"HTTP/1.1" or len(sent) < len(headers) or not _FRAMING.isdisjoint(sent):
        return None
    if sent.get(b"content-length") != b"%d" % len(body):
        return None
    return ConnectionsRequest(method.decode("ascii"), target, headers, body)


_FRAMING = frozenset((b"transfer-encoding", b"connection", b"upgrade", b"expect"))


class ConnectionsApi:
    def __init__(
        self, sockets: OpenSockets, *, faults: FaultInjection, credentials: Credentials
    ) -> None:
        self._credentials = credentials
        self._sockets = sockets
        self._faults = faults

    def handle(self, request: ConnectionsRequest) -> HttpResponse:
        if len(request.body) > MESSAGE_LIMIT:
            return TOO_LARGE
        if not is_signed(request, credentials=self._credentials, now=datetime.now(UTC)):
            claims = any(name == b"authorization" for name, _ in request.headers)
            return WRONG_SIGNATURE if claims else MISSING_SIGNATURE
        if request.method == "POST":
            return self._post(request.connection_id, request.body)
        socket = self._sockets.get(request.connection_id)
        if socket is None:
            return GONE
        if request.method == "GET":
            return json_response(connection_info(socket))
        if request.method == "DELETE":
            socket.close(1000, "Connection closed by the backend")
            return DELETED
        return NOT_ALLOWED

    def _post(self, connection_id: str, data: bytes) -> HttpResponse:
        try:
            data.decode("utf-8")
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
