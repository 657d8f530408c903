"""The HTTP API: makes an event of a request and a response of what the function returns."""

import orjson

from cgraph_local.gateway.asgi import BodyTooLarge, HttpResponse, Receive, Scope, read_body
from cgraph_local.gateway.cors import CorsPolicy
from cgraph_local.gateway.fault_injection import FaultInjection
from cgraph_local.gateway.function_response import parse_response
from cgraph_local.gateway.http_events import HttpEventBuilder, joined_headers
from cgraph_local.gateway.integration import Integration, payload_or_raise
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.gateway.routes import RouteTable
from cgraph_local.gateway.throttle import TokenBucket
from cgraph_local.host import LambdaHost
from cgraph_local.template import HttpApi, Stack

BODY_LIMIT = 10 * 1024 * 1024
EVENT_LIMIT = 6 * 1024 * 1024

_EMPTY_API = HttpApi(
    id="none", stage="$default", routes=(), throttle_rate=None, throttle_burst=None
)

_ALWAYS_FITS = EVENT_LIMIT // 6 - 64 * 1024
"""A body of this size always fits: in JSON a character takes six bytes at most, and the rest of the
event is smaller than 64 KB.
"""


class HttpGateway:
    def __init__(
        self,
        stack: Stack,
        *,
        host: LambdaHost,
        options: GatewayOptions,
        faults: FaultInjection,
    ) -> None:
        api = stack.http_api or _EMPTY_API
        self.routes = RouteTable(api.routes)
        self._cors = CorsPolicy(api.cors) if api.cors is not None else None
        self._events = HttpEventBuilder(
            api_id=api.id,
            stage=api.stage,
            stage_variables=api.stage_variables,
            options=options,
        )
        self._bucket = TokenBucket.of_stage(rate=api.throttle_rate, burst=api.throttle_burst)
        self._integration = Integration(stack.functions, host=host)
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive) -> HttpResponse | None:
        """None when fault injection loses the response. Raises RequestRefused."""
        headers = joined_headers(scope)
        origin = headers.get("origin")
        if self._cors is None:
            return await self._respond(scope, receive, headers)
        if origin is not None and _is_preflight(scope, headers):
            return self._cors.preflight(origin)
        try:
            response = await self._respond(scope, receive, headers)
        except RequestRefused as refusal:
            response = refusal.response
        return None if response is None else self._cors.apply_to(response, origin=origin)

    async def _respond(
        self, scope: Scope, receive: Receive, headers: dict[str, str]
    ) -> HttpResponse | None:
        if not self._bucket.take():
            raise RequestRefused(Problem.THROTTLED, "The request rate of the stage is exceeded.")
        match = self.routes.match(scope["method"], scope["path"])
        if match is None:
            raise RequestRefused(Problem.NOT_FOUND)
        route, parameters = match
        body = await _body(receive, headers)
        event = self._events.event(
            scope, route=route, parameters=parameters, headers=headers, body=body
        )
        if len(body) > _ALWAYS_FITS and len(orjson.dumps(event)) > EVENT_LIMIT:
            raise RequestRefused(Problem.PAYLOAD_TOO_LARGE)
        result = await self._integration.invoke(
            route.function, event, timeout_seconds=route.timeout
        )
        response = parse_response(payload_or_raise(route.function, result))
        response.headers.append((b"apigw-requestid", event["requestContext"]["requestId"].encode()))
        return None if self._faults.loses_reply(route.key) else response


async def _body(receive: Receive, headers: dict[str, str]) -> bytes:
    length = headers.get("content-length")
    if length is not None and int(length) > BODY_LIMIT:
        raise RequestRefused(Problem.PAYLOAD_TOO_LARGE)
    try:
        return await read_body(receive, limit=BODY_LIMIT)
    except BodyTooLarge:
        raise RequestRefused(Problem.PAYLOAD_TOO_LARGE) from None


def _is_preflight(scope: Scope, headers: dict[str, str]) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers
