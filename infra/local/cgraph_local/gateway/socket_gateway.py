"""The WebSocket API: invokes the functions of `$connect`, `$disconnect` and the message routes."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from cgraph_local.gateway import browser_guard
from cgraph_local.gateway.fault_injection import FaultInjection
from cgraph_local.gateway.function_response import (
    MalformedResponse,
    response_body,
    response_headers,
    response_status,
)
from cgraph_local.gateway.ids import new_id
from cgraph_local.gateway.integration import Integration, payload_or_raise
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.gateway.socket import Socket
from cgraph_local.gateway.socket_events import SocketEventBuilder
from cgraph_local.gateway.socket_frames import MESSAGE_LIMIT
from cgraph_local.gateway.throttle import TokenBucket
from cgraph_local.host import LambdaHost
from cgraph_local.template import SocketApi, SocketRoute, Stack

logger = logging.getLogger(__name__)

_PHRASES = {int(status): status.phrase for status in HTTPStatus}
_BODY_PREFIX = "$request.body."
_EMPTY_API = SocketApi(
    id="none",
    stage="none",
    selection="$request.body.action",
    routes=(),
    throttle_rate=None,
    throttle_burst=None,
)


class SocketGateway:
    """The `SocketHandler` of all sockets."""

    def __init__(
        self,
        stack: Stack,
        *,
        host: LambdaHost,
        options: GatewayOptions,
        faults: FaultInjection,
        sockets: OpenSockets,
    ) -> None:
        self.max_messages_in_flight = options.max_messages_in_flight
        self.max_unsent_bytes = options.max_unsent_bytes
        self._connections = TokenBucket(
            rate=options.connections_per_second, burst=options.connections_per_second
        )
        self._host = host
        self._options = options
        self._faults = faults
        self._sockets = sockets
        self.apply(stack)

    def apply(self, stack: Stack) -> None:
        """Replaces the routes. Open sockets stay open and use the new routes for their next
        message.
        """
        api = stack.socket_api or _EMPTY_API
        assert api.selection.startswith(_BODY_PREFIX), api.selection
        self._path = self._options.socket_path if stack.socket_api is not None else None
        self._origins = stack.allowed_origins
        self._routes = {route.key: route for route in api.routes}
        self._selection_path = api.selection.removeprefix(_BODY_PREFIX).split(".")
        self._events = SocketEventBuilder(api_id=api.id, stage=api.stage, options=self._options)
        self._messages = TokenBucket.of_stage(rate=api.throttle_rate, burst=api.throttle_burst)
        self._integration = Integration(stack.functions, host=self._host)

    def on_open(self, socket: Socket) -> None:
        self._sockets.add(socket)
        self._faults.on_open(socket)

    def on_close(self, socket: Socket) -> None:
        self._sockets.remove(socket)

    async def connect(self, socket: Socket, request: Request, accepted: Response) -> Response:
        socket.connected_at = self._events.now()
        socket.user_agent = request.headers.get("user-agent", "")
        headers = [
            (name.lower().encode(), value.encode("latin-1", "replace"))
            for name, value in request.headers.raw_items()
        ]
        if reason := browser_guard.refusal(headers, allowed=self._origins):
            return _rejection(socket, 403, reason)
        if request.path.partition("?")[0] != self._path:
            return _rejection(socket, 404, "Not Found")
        if not self._connections.take():
            return _rejection(socket, 429, "Too Many Requests")
        route = self._routes.get("$connect")
        if route is None:
            return accepted
        event = self._events.connect(socket, request)
        try:
            payload = await self._call(route, event)
            status = response_status(payload)
            _choose_subprotocol(payload, accepted.headers)
        except RequestRefused as refusal:
            problem = refusal.problem
            _log_malformed(refusal, route)
            return _rejection(socket, problem.status, _error_message(problem))
        if not 200 <= status <= 299:
            return _rejection(socket, status, _PHRASES.get(status, ""))
        return accepted

    async def message(self, socket: Socket, text: str) -> None:
        if not self._messages.take():
            socket.close(1008, "Too many requests")
            return
        key = self._route_key(text)
        route = self._routes.get(key) if key is not None else None
        route = route or self._routes.get("$default")
        if route is None:
            socket.post(_error_frame(socket, "Forbidden", new_id()))
            return
        event = self._events.message(socket, route=route.key, text=text)
        try:
            response = _response_text(await self._call(route, event))
        except RequestRefused as refusal:
            request_id = event["requestContext"]["requestId"]
            _log_malformed(refusal, route)
            socket.post(_error_frame(socket, _error_message(refusal.problem), request_id))
            return
        if response and route.responds:
            socket.post(response)

    async def disconnect(self, socket: Socket, *, code: int, reason: str) -> None:
        route = self._routes.get("$disconnect")
        if route is None or self._faults.loses_disconnect():
            return
        event = self._events.disconnect(socket, code=code, reason=reason)
        await self._integration.invoke(route.function, event, timeout_seconds=route.timeout)

    async def _call(self, route: SocketRoute, event: dict[str, Any]) -> dict[str, Any]:
        result = await self._integration.invoke(
            route.function, event, timeout_seconds=route.timeout
        )
        payload = payload_or_raise(route.function, result)
        if not isinstance(payload, dict):
            raise MalformedResponse("The response is not a mapping with a statusCode.")
        return payload

    def _route_key(self, text: str) -> str | None:
        """The value that the route selection expression selects; None when there is none."""
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
        for name in self._selection_path:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        reserved = isinstance(value, str) and value.startswith("$")
        return value if isinstance(value, str) and not reserved else None


def _response_text(payload: dict[str, Any]) -> bytes:
    response_status(payload)
    body = response_body(payload)
    if payload.get("isBase64Encoded") or len(body) > MESSAGE_LIMIT:
        raise MalformedResponse("The body must be text of at most 128 KB to be sent to a socket.")
    return body


def _log_malformed(refusal: RequestRefused, route: SocketRoute) -> None:
    """Other failures are in the log of the function. A malformed response is noticed only here."""
    if isinstance(refusal, MalformedResponse):
        logger.warning("%s (%s): %s", route.function, route.key, refusal.detail)


def _error_message(problem: Problem) -> str:
    """The message of a WebSocket API, which differs from that of an HTTP API."""
    return {
        Problem.FUNCTION_FAILED: "Internal server error",
        Problem.FUNCTION_TIMED_OUT: "Endpoint request timed out",
    }.get(problem, problem.message)


def _error_frame(socket: Socket, message: str, request_id: str) -> bytes:
    return orjson.dumps({"message": message, "connectionId": socket.id, "requestId": request_id})


def _rejection(socket: Socket, status: int, message: str) -> Response:
    """The response to a handshake that is refused."""
    body = _error_frame(socket, message, new_id())
    headers = Headers(
        [
            ("Connection", "close"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
    )
    return Response(status, _PHRASES.get(status, ""), headers, body)


def _choose_subprotocol(payload: dict[str, Any], headers: Headers) -> None:
    for name, value in response_headers(payload.get("headers")):
        if name == b"sec-websocket-protocol":
            headers["Sec-WebSocket-Protocol"] = value.decode("latin-1")
