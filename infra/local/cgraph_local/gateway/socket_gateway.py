"""The WebSocket API: which function a handshake, a message and an end of a socket go to."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from cgraph_local.gateway.clock import new_id
from cgraph_local.gateway.fault_injection import Faults
from cgraph_local.gateway.function_response import Malformed, body_of, headers_of, status_of
from cgraph_local.gateway.integration import Integration, payload_or_refusal
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, Refused
from cgraph_local.gateway.socket import MESSAGE_LIMIT, Socket
from cgraph_local.gateway.socket_events import SocketEvents
from cgraph_local.gateway.throttle import TokenBucket
from cgraph_local.host import LambdaHost
from cgraph_local.template import SocketApi, SocketRoute, Stack

logger = logging.getLogger(__name__)

_PHRASES = {int(status): status.phrase for status in HTTPStatus}
_ROOT = "$request.body."
_NO_API = SocketApi(
    id="none",
    stage="none",
    selection="$request.body.action",
    routes=(),
    throttle_rate=None,
    throttle_burst=None,
)


class SocketGateway:
    def __init__(
        self,
        stack: Stack,
        *,
        host: LambdaHost,
        options: GatewayOptions,
        faults: Faults,
        sockets: OpenSockets,
    ) -> None:
        self.messages_in_flight = options.messages_in_flight
        self.unsent_bytes = options.unsent_bytes
        self._connections = TokenBucket(
            rate=options.connections_per_second, burst=options.connections_per_second
        )
        self._host = host
        self._options = options
        self._faults = faults
        self._sockets = sockets
        self.apply(stack)

    def apply(self, stack: Stack) -> None:
        """Open sockets stay; their next message goes by the new routes."""
        api = stack.socket_api or _NO_API
        assert api.selection.startswith(_ROOT), api.selection
        self._path = self._options.socket_path if stack.socket_api is not None else None
        self._routes = {route.key: route for route in api.routes}
        self._selected = api.selection.removeprefix(_ROOT).split(".")
        self._events = SocketEvents(api_id=api.id, stage=api.stage, options=self._options)
        self._messages = TokenBucket.of_stage(rate=api.throttle_rate, burst=api.throttle_burst)
        self._integration = Integration(stack.functions, host=self._host)

    def opened(self, socket: Socket) -> None:
        self._sockets.add(socket)
        self._faults.opened(socket)

    def closed(self, socket: Socket) -> None:
        self._sockets.remove(socket)

    async def connect(self, socket: Socket, request: Request, accepted: Response) -> Response:
        """What the handshake is answered; `accepted` is the answer that opens the socket."""
        socket.connected_at = self._events.now()
        socket.user_agent = request.headers.get("user-agent", "")
        if request.path.partition("?")[0] != self._path:
            return _refusal(socket, 404, "Not Found")
        if not self._connections.take():
            return _refusal(socket, 429, "Too Many Requests")
        route = self._routes.get("$connect")
        if route is None:
            return accepted
        event = self._events.connect(socket, request)
        try:
            payload = await self._call(route, event)
            status = status_of(payload)
            _choose_subprotocol(payload, accepted.headers)
        except Refused as refusal:
            problem = refusal.problem
            _show(refusal, route)
            return _refusal(socket, problem.status, _message_of(problem))
        if not 200 <= status <= 299:
            return _refusal(socket, status, _PHRASES.get(status, ""))
        return accepted

    async def message(self, socket: Socket, text: str) -> None:
        if not self._messages.take():
            socket.close(1008, "Too many requests")
            return
        key = self._route_key(text)
        route = self._routes.get(key) if key is not None else None
        route = route or self._routes.get("$default")
        if route is None:
            socket.post(_notice(socket, "Forbidden", new_id()))
            return
        event = self._events.message(socket, route=route.key, text=text)
        try:
            answer = _answer_in(await self._call(route, event))
        except Refused as refusal:
            request_id = event["requestContext"]["requestId"]
            _show(refusal, route)
            socket.post(_notice(socket, _message_of(refusal.problem), request_id))
            return
        if answer and route.responds:
            socket.post(answer)

    async def disconnect(self, socket: Socket, *, code: int, reason: str) -> None:
        route = self._routes.get("$disconnect")
        if route is None or self._faults.loses_disconnect():
            return
        event = self._events.disconnect(socket, code=code, reason=reason)
        await self._integration.invoke(route.function, event, limit_seconds=route.timeout)

    async def _call(self, route: SocketRoute, event: dict[str, Any]) -> dict[str, Any]:
        invocation = await self._integration.invoke(
            route.function, event, limit_seconds=route.timeout
        )
        payload = payload_or_refusal(route.function, invocation)
        if not isinstance(payload, dict):
            raise Malformed("The answer is not a mapping with a statusCode.")
        return payload

    def _route_key(self, text: str) -> str | None:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
        for name in self._selected:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        reserved = isinstance(value, str) and value.startswith("$")
        return value if isinstance(value, str) and not reserved else None


def _answer_in(payload: dict[str, Any]) -> bytes:
    status_of(payload)
    answer = body_of(payload)
    if payload.get("isBase64Encoded") or len(answer) > MESSAGE_LIMIT:
        raise Malformed("The body must be text of at most 128 KB to go over a socket.")
    return answer


def _show(refusal: Refused, route: SocketRoute) -> None:
    """What the function did is in its log; that its answer was no answer is known only here."""
    if isinstance(refusal, Malformed):
        logger.warning("%s (%s): %s", route.function, route.key, refusal.detail)


def _message_of(problem: Problem) -> str:
    """The words a WebSocket API uses, which are not those of an HTTP API."""
    return {
        Problem.FUNCTION_FAILED: "Internal server error",
        Problem.FUNCTION_TIMED_OUT: "Endpoint request timed out",
    }.get(problem, problem.message)


def _notice(socket: Socket, message: str, request_id: str) -> bytes:
    return orjson.dumps({"message": message, "connectionId": socket.id, "requestId": request_id})


def _refusal(socket: Socket, status: int, message: str) -> Response:
    body = _notice(socket, message, new_id())
    headers = Headers(
        [
            ("Connection", "close"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
    )
    return Response(status, _PHRASES.get(status, ""), headers, body)


def _choose_subprotocol(payload: dict[str, Any], headers: Headers) -> None:
    for name, value in headers_of(payload.get("headers")):
        if name == b"sec-websocket-protocol":
            headers["Sec-WebSocket-Protocol"] = value.decode("latin-1")
