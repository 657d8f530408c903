"""The administration API at `/_local/…`, for the command line, the benchmark and the proofs."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import asdict
from urllib.parse import parse_qs

import orjson

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.running_cloud import ADMIN_PREFIX
from cgraph_local.core.sent_mails import SentMail
from cgraph_local.gateway.asgi import (
    BodyTooLarge,
    HttpResponse,
    Receive,
    Scope,
    json_response,
    read_body,
)
from cgraph_local.gateway.connection_info import connection_info
from cgraph_local.gateway.fault_injection import FaultInjection, FaultSettings
from cgraph_local.gateway.mail_page import mails_response
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.host import LambdaHost, UnknownFunction

Mails = Callable[[], Sequence[SentMail]]
"""The mails that were sent."""

_BODY_LIMIT = 6 * 1024 * 1024


class AdminApi:
    """Refuses callers without the home's token: web pages, and other users of the machine."""

    def __init__(
        self,
        *,
        host: LambdaHost,
        sockets: OpenSockets,
        faults: FaultInjection,
        credentials: Credentials,
        mails: Mails,
    ) -> None:
        self._mails = mails
        self._authorization = credentials.admin_headers["Authorization"].encode()
        self._host = host
        self._sockets = sockets
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive) -> HttpResponse:
        if not self._is_authorized(scope):
            raise RequestRefused(Problem.FORBIDDEN, "The token is not that of this local cloud.")
        resource, _, name = scope["path"].removeprefix(ADMIN_PREFIX).partition("/")
        match scope["method"], resource, name:
            case method, "statistics", "":
                return self._statistics(method)
            case "GET", "connections", "":
                return json_response(
                    {socket.id: connection_info(socket) for socket in self._sockets}
                )
            case "GET", "mail", "":
                mails = await asyncio.to_thread(self._mails)
                return mails_response(mails, as_page=_is_browser(scope))
            case "POST", "invoke", function if function:
                return await self._invoke(function, await _body(receive))
            case "PUT", "cloudformation", "":
                return _accept_custom_resource_response(await _body(receive))
            case method, "faults", "":
                return await self._change_faults(method, receive)
        raise RequestRefused(Problem.NOT_FOUND)

    def _is_authorized(self, scope: Scope) -> bool:
        """By a header, or by the query as a URL that CloudFormation has presigned."""
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        tokens = parse_qs(scope["query_string"]).get(b"token", [])
        given += [b"Bearer " + token for token in tokens]
        return any(hmac.compare_digest(value, self._authorization) for value in given)

    def _statistics(self, method: str) -> HttpResponse:
        if method == "GET":
            return json_response(self._host.statistics.report())
        if method != "DELETE":
            raise RequestRefused(Problem.NOT_FOUND)
        self._host.statistics.clear()
        return HttpResponse(204, [])

    async def _invoke(self, function: str, event: bytes) -> HttpResponse:
        _require_json(event)
        try:
            result = await self._host.invoke(function, event, tail=True)
        except UnknownFunction as error:
            raise RequestRefused(Problem.NOT_FOUND, str(error)) from None
        return json_response(
            {
                "payload": result.payload,
                "error": result.error and result.error.value,
                "billed_ms": result.billed_ms,
                "request_id": result.request_id,
                "log": result.log,
            }
        )

    async def _change_faults(self, method: str, receive: Receive) -> HttpResponse:
        if method == "POST":
            self._faults.apply(_fault_settings(await _body(receive)), sockets=self._sockets)
        elif method == "DELETE":
            self._faults.apply(FaultSettings())
        elif method != "GET":
            raise RequestRefused(Problem.NOT_FOUND)
        return json_response(
            {"settings": asdict(self._faults.settings), "counts": dict(self._faults.counts)}
        )


def _is_browser(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return b"text/html" in accepted


def _accept_custom_resource_response(body: bytes) -> HttpResponse:
    """Stands for CloudFormation: a custom resource sends its response to the URL in its request."""
    _require_json(body)
    print(f"  custom resource: {body.decode()}", flush=True)
    return HttpResponse(200, [])


def _fault_settings(body: bytes) -> FaultSettings:
    from pydantic import TypeAdapter, ValidationError  # 80 ms that only the proofs need

    try:
        return TypeAdapter(FaultSettings).validate_json(body)
    except ValidationError as error:
        raise RequestRefused(Problem.BAD_REQUEST, str(error)) from None


async def _body(receive: Receive) -> bytes:
    try:
        return await read_body(receive, limit=_BODY_LIMIT)
    except BodyTooLarge:
        raise RequestRefused(Problem.PAYLOAD_TOO_LARGE) from None


def _require_json(body: bytes) -> None:
    """Raises RequestRefused."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(Problem.BAD_REQUEST, f"The event is not JSON: {error}") from None
