"""The events of an HTTP API, payload format 2.0."""

from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from cgraph_local.gateway.asgi import Headers, Scope
from cgraph_local.gateway.clock import RequestClock
from cgraph_local.gateway.ids import new_id, trace_id
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.gateway.routes import Route

HEADER_LIMIT = 10_240

_HOP_BY_HOP = frozenset((b"connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade"))
_TEXT = frozenset(("application/json", "application/xml", "application/javascript"))


class HttpEventBuilder:
    """Makes events. Values that are the same for all events of an API are made once."""

    def __init__(
        self,
        *,
        api_id: str,
        stage: str,
        stage_variables: Mapping[str, str],
        options: GatewayOptions,
    ) -> None:
        self._account_id = options.account_id
        self._api_id = api_id
        self._domain = f"{api_id}.execute-api.{options.region}.amazonaws.com"
        self._stage = stage
        self._stage_variables = dict(stage_variables)
        self._clock = RequestClock()

    def event(
        self,
        scope: Scope,
        *,
        route: Route,
        parameters: dict[str, str] | None,
        headers: dict[str, str],
        body: bytes,
    ) -> dict[str, Any]:
        cookies = headers.pop("cookie", None)
        query = scope["query_string"].decode("latin-1")
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": scope["path"],
            "rawQueryString": query,
            "headers": headers,
            "requestContext": self._context(scope, headers, route=route.key),
            "isBase64Encoded": False,
        }
        if cookies is not None:
            event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
        if query:
            event["queryStringParameters"] = query_parameters(query)
        if parameters is not None:
            event["pathParameters"] = parameters
        if self._stage_variables:
            event["stageVariables"] = self._stage_variables
        if body:
            event["body"], event["isBase64Encoded"] = body_text(headers, body)
        return event

    def _context(self, scope: Scope, headers: dict[str, str], *, route: str) -> dict[str, Any]:
        milliseconds, text = self._clock.now()
        source_ip = add_forwarded_headers(headers, scope, milliseconds=milliseconds)
        return {
            "accountId": self._account_id,
            "apiId": self._api_id,
            "domainName": self._domain,
            "domainPrefix": self._api_id,
            "http": {
                "method": scope["method"],
                "path": scope["path"],
                "protocol": "HTTP/" + scope["http_version"],
                "sourceIp": source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": new_id(),
            "routeKey": route,
            "stage": self._stage,
            "time": text,
            "timeEpoch": milliseconds,
        }


def joined_headers(scope: Scope) -> dict[str, str]:
    """The headers as payload 2.0 has them: names in lower case, repeated ones joined by commas.
    Raises RequestRefused.
    """
    raw: Headers = scope["headers"]
    size = len(scope["raw_path"]) + len(scope["query_string"])
    headers: dict[str, str] = {}
    for name, value in raw:
        size += len(value)
        if name in _HOP_BY_HOP:
            continue
        key = name.decode("latin-1")
        text = value.decode("latin-1")
        if key in headers:
            text = f"{headers[key]}{'; ' if key == 'cookie' else ','}{text}"
        headers[key] = text
    if size > HEADER_LIMIT:
        raise RequestRefused(Problem.HEADERS_TOO_LARGE)
    return headers


def add_forwarded_headers(headers: dict[str, str], scope: Scope, *, milliseconds: int) -> str:
    """Adds the headers that AWS adds, and returns the client's IP address. Addresses that the
    client sends in X-Forwarded-For stay in front of it and are never used in its place.
    """
    source_ip: str = scope["client"][0]
    sent = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{sent}, {source_ip}" if sent else source_ip
    headers["x-forwarded-port"] = str(scope["server"][1])
    headers["x-forwarded-proto"] = scope["scheme"]
    if "x-amzn-trace-id" not in headers:
        headers["x-amzn-trace-id"] = trace_id(milliseconds)
    return source_ip


def query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def body_text(headers: dict[str, str], body: bytes) -> tuple[str, bool]:
    """The body, and whether it is encoded as base64: it is unless it has a text type and is
    UTF-8.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _TEXT or kind.startswith("text/") or kind.endswith(("+json", "+xml")):
        with suppress(UnicodeDecodeError):
            return body.decode("utf-8"), False
    return b64encode(body).decode("ascii"), True
