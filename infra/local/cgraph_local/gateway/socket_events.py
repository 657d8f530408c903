"""The events of a WebSocket API."""

from typing import Any
from urllib.parse import parse_qsl

from websockets.http11 import Request

from cgraph_local.gateway.clock import RequestClock
from cgraph_local.gateway.ids import new_id, trace_id
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.socket import Socket

_DROPPED_HEADERS = frozenset(("connection", "upgrade"))

DISCONNECT_REASONS = {1005: "Client-side close frame status not set"}


class SocketEventBuilder:
    def __init__(self, *, api_id: str, stage: str, options: GatewayOptions) -> None:
        self._api_id = api_id
        self._domain = f"{api_id}.execute-api.{options.region}.amazonaws.com"
        self._stage = stage
        self._clock = RequestClock()

    def now(self) -> int:
        return self._clock.now()[0]

    def connect(self, socket: Socket, request: Request) -> dict[str, Any]:
        event = _with_headers(self._handshake_headers(socket, request))
        query = request.path.partition("?")[2]
        if query:
            values: dict[str, list[str]] = {}
            for name, value in parse_qsl(query, keep_blank_values=True):
                values.setdefault(name, []).append(value)
            event["queryStringParameters"] = {name: each[-1] for name, each in values.items()}
            event["multiValueQueryStringParameters"] = values
        event["requestContext"] = self._context(socket, route="$connect", kind="CONNECT")
        event["isBase64Encoded"] = False
        return event

    def message(self, socket: Socket, *, route: str, text: str) -> dict[str, Any]:
        context = self._context(socket, route=route, kind="MESSAGE")
        context["messageId"] = new_id()
        return {"requestContext": context, "body": text, "isBase64Encoded": False}

    def disconnect(self, socket: Socket, *, code: int, reason: str) -> dict[str, Any]:
        context = self._context(socket, route="$disconnect", kind="DISCONNECT")
        context["disconnectStatusCode"] = code
        context["disconnectReason"] = reason or DISCONNECT_REASONS.get(code, "")
        headers = {
            "Host": [self._domain],
            "x-api-key": [""],
            "X-Forwarded-For": [""],
            "x-restapi": [""],
        }
        return {**_with_headers(headers), "requestContext": context, "isBase64Encoded": False}

    def _context(self, socket: Socket, *, route: str, kind: str) -> dict[str, Any]:
        milliseconds, text = self._clock.now()
        request_id = new_id()
        return {
            "routeKey": route,
            "eventType": kind,
            "extendedRequestId": request_id,
            "requestTime": text,
            "messageDirection": "IN",
            "stage": self._stage,
            "connectedAt": socket.connected_at,
            "requestTimeEpoch": milliseconds,
            "identity": {"userAgent": socket.user_agent, "sourceIp": socket.client_ip},
            "requestId": request_id,
            "domainName": self._domain,
            "connectionId": socket.id,
            "apiId": self._api_id,
        }

    def _handshake_headers(self, socket: Socket, request: Request) -> dict[str, list[str]]:
        headers: dict[str, list[str]] = {}
        for name, value in request.headers.raw_items():
            if name.lower() not in _DROPPED_HEADERS:
                headers.setdefault(canonical_header_name(name), []).append(value)
        sent = headers.get("X-Forwarded-For", [])
        headers["X-Forwarded-For"] = [", ".join([*sent, socket.client_ip])]
        headers["X-Forwarded-Port"] = [str(socket.port)]
        headers["X-Forwarded-Proto"] = ["http"]
        headers.setdefault("X-Amzn-Trace-Id", [trace_id(socket.connected_at)])
        return headers


def canonical_header_name(name: str) -> str:
    """Capitalises a header name as clients usually do: AWS passes names unchanged, but here they
    have been lowered.
    """
    return name.title().replace("Websocket", "WebSocket")


def _with_headers(headers: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
    }
