"""`/_local/…`: what the command line, the bench and the proofs ask of a running local cloud."""

from dataclasses import asdict
from ipaddress import ip_address

import orjson

from cgraph_local.gateway.asgi import Receive, Reply, Scope, TooLarge, json_reply, read_body
from cgraph_local.gateway.connections_api import description
from cgraph_local.gateway.fault_injection import Faults, FaultSettings
from cgraph_local.gateway.open_sockets import OpenSockets
from cgraph_local.gateway.problems import Problem, Refused
from cgraph_local.host import LambdaHost, UnknownFunction

PREFIX = "/_local/"

_BODY_LIMIT = 6 * 1024 * 1024
_FOREIGN = frozenset((b"origin", b"x-forwarded-for", b"forwarded"))
"""A browser's page, or a tunnel to this machine, says one of these."""


class Admin:
    def __init__(self, *, host: LambdaHost, sockets: OpenSockets, faults: Faults) -> None:
        self._host = host
        self._sockets = sockets
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive) -> Reply:
        if not _is_local(scope):
            raise Refused(Problem.FORBIDDEN, "Only a program on this machine may ask this.")
        what, _, name = scope["path"].removeprefix(PREFIX).partition("/")
        match scope["method"], what, name:
            case "GET", "statistics", "":
                return json_reply(self._host.statistics.report())
            case "DELETE", "statistics", "":
                self._host.statistics.clear()
                return Reply(204, [])
            case "GET", "connections", "":
                return json_reply({socket.id: description(socket) for socket in self._sockets})
            case "POST", "invoke", function if function:
                return await self._invoke(function, await _body(receive))
            case "PUT", "cloudformation", "":
                return _take_answer(await _body(receive))
            case method, "faults", "":
                return await self._change_faults(method, receive)
        raise Refused(Problem.NOT_FOUND)

    async def _invoke(self, function: str, event: bytes) -> Reply:
        _json(event)
        try:
            invocation = await self._host.invoke(function, event, tail=True)
        except UnknownFunction as why:
            raise Refused(Problem.NOT_FOUND, str(why)) from None
        return json_reply(
            {
                "payload": invocation.payload,
                "error": invocation.error and invocation.error.value,
                "billed_ms": invocation.billed_ms,
                "request_id": invocation.request_id,
                "log": invocation.log,
            }
        )

    async def _change_faults(self, method: str, receive: Receive) -> Reply:
        if method == "POST":
            self._faults.apply(_fault_settings(await _body(receive)), sockets=self._sockets)
        elif method == "DELETE":
            self._faults.apply(FaultSettings())
        elif method != "GET":
            raise Refused(Problem.NOT_FOUND)
        return json_reply(
            {"settings": asdict(self._faults.settings), "counts": dict(self._faults.counts)}
        )


def _take_answer(body: bytes) -> Reply:
    """CloudFormation's part: a custom resource puts its answer to the address it was given."""
    _json(body)
    print(f"  custom resource: {body.decode()}", flush=True)
    return Reply(200, [])


def _fault_settings(body: bytes) -> FaultSettings:
    from pydantic import TypeAdapter, ValidationError  # 80 ms that only the proofs need

    try:
        return TypeAdapter(FaultSettings).validate_json(body)
    except ValidationError as why:
        raise Refused(Problem.BAD_REQUEST, str(why)) from None


async def _body(receive: Receive) -> bytes:
    try:
        return await read_body(receive, limit=_BODY_LIMIT)
    except TooLarge:
        raise Refused(Problem.PAYLOAD_TOO_LARGE) from None


def _json(body: bytes) -> None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise Refused(Problem.BAD_REQUEST, f"The event is not JSON: {why}") from None


def _is_local(scope: Scope) -> bool:
    loopback = ip_address(scope["client"][0]).is_loopback
    return loopback and not any(name in _FOREIGN for name, _ in scope["headers"])
