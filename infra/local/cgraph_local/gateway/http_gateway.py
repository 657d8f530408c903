"""The HTTP API: a request becomes an event, what the function returns becomes the answer."""

import orjson

from cgraph_local.gateway.asgi import Receive, Reply, Scope, TooLarge, read_body
from cgraph_local.gateway.cors import CorsPolicy
from cgraph_local.gateway.fault_injection import Faults
from cgraph_local.gateway.function_response import read_answer
from cgraph_local.gateway.http_events import HttpEvents, joined_headers
from cgraph_local.gateway.integration import Integration, payload_or_refusal
from cgraph_local.gateway.options import GatewayOptions
from cgraph_local.gateway.problems import Problem, Refused
from cgraph_local.gateway.routes import RouteTable
from cgraph_local.gateway.throttle import TokenBucket
from cgraph_local.host import LambdaHost
from cgraph_local.template import HttpApi, Stack

BODY_LIMIT = 10 * 1024 * 1024
EVENT_LIMIT = 6 * 1024 * 1024

_NO_API = HttpApi(id="none", stage="$default", routes=(), throttle_rate=None, throttle_burst=None)

_SURELY_FITS = EVENT_LIMIT // 6 - 64 * 1024
"""A character of the body takes at most six bytes in JSON, and all else is under 64 KB."""


class HttpGateway:
    def __init__(
        self,
        stack: Stack,
        *,
        host: LambdaHost,
        options: GatewayOptions,
        faults: Faults,
    ) -> None:
        api = stack.http_api or _NO_API
        self.routes = RouteTable(api.routes)
        self._cors = CorsPolicy(api.cors) if api.cors is not None else None
        self._events = HttpEvents(api_id=api.id, stage=api.stage, options=options)
        self._bucket = TokenBucket.of_stage(rate=api.throttle_rate, burst=api.throttle_burst)
        self._integration = Integration(stack.functions, host=host)
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive) -> Reply | None:
        """None: the answer is lost on purpose (see `faults`)."""
        headers = joined_headers(scope)
        origin = headers.get("origin")
        if self._cors is None:
            return await self._answer(scope, receive, headers)
        if origin is not None and _is_preflight(scope, headers):
            return self._cors.preflight(origin)
        try:
            reply = await self._answer(scope, receive, headers)
        except Refused as refusal:
            reply = refusal.reply
        return None if reply is None else self._cors.on(reply, origin=origin)

    async def _answer(
        self, scope: Scope, receive: Receive, headers: dict[str, str]
    ) -> Reply | None:
        if not self._bucket.take():
            raise Refused(Problem.THROTTLED, "The stage's request rate is used up. Try again.")
        found = self.routes.find(scope["method"], scope["path"])
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        route, parameters = found
        body = await _body(receive, headers)
        event = self._events.event(
            scope, route=route, parameters=parameters, headers=headers, body=body
        )
        if len(body) > _SURELY_FITS and len(orjson.dumps(event)) > EVENT_LIMIT:
            raise Refused(Problem.PAYLOAD_TOO_LARGE)
        invocation = await self._integration.invoke(
            route.function, event, limit_seconds=route.timeout
        )
        reply = read_answer(payload_or_refusal(route.function, invocation))
        reply.headers.append((b"apigw-requestid", event["requestContext"]["requestId"].encode()))
        return None if self._faults.loses_reply(route.key) else reply


async def _body(receive: Receive, headers: dict[str, str]) -> bytes:
    length = headers.get("content-length")
    if length is not None and int(length) > BODY_LIMIT:
        raise Refused(Problem.PAYLOAD_TOO_LARGE)
    try:
        return await read_body(receive, limit=BODY_LIMIT)
    except TooLarge:
        raise Refused(Problem.PAYLOAD_TOO_LARGE) from None


def _is_preflight(scope: Scope, headers: dict[str, str]) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers
