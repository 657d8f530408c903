"""The WebSocket API against AWS's documented shapes."""

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from cgraph_local.template import SocketRoute
from tests.unit.local.gateway.running_gateway import SOCKET_API, RunningGateway, StartGateway


async def test_the_connect_event(gateway: RunningGateway) -> None:
    async with gateway.connect(
        "?ticket=a&ticket=b%20c", user_agent_header="agent", subprotocols=None
    ) as socket:
        connection_id = await gateway.connection_id(socket)
        event = await gateway.recorded_event("CONNECT", connection_id)
    headers = event["headers"]
    assert headers.pop("Sec-WebSocket-Key")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers.pop("X-Amzn-Trace-Id"))
    assert headers == {
        "Host": f"127.0.0.1:{gateway.port}",
        "Sec-WebSocket-Version": "13",
        "User-Agent": "agent",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": str(gateway.port),
        "X-Forwarded-Proto": "http",
    }
    assert event["multiValueHeaders"]["Host"] == [f"127.0.0.1:{gateway.port}"]
    assert event["queryStringParameters"] == {"ticket": "b c"}
    assert event["multiValueQueryStringParameters"] == {"ticket": ["a", "b c"]}
    assert event["isBase64Encoded"] is False
    assert event["requestContext"] == context(
        event, routeKey="$connect", eventType="CONNECT", connectionId=connection_id
    )


async def test_the_message_event(gateway: RunningGateway) -> None:
    async with gateway.connect(user_agent_header="agent") as socket:
        event = await gateway.send(socket, '{"action": "ping", "data": 1}')
    message_id = event["requestContext"]["messageId"]
    assert event == {
        "requestContext": context(event, routeKey="ping", eventType="MESSAGE")
        | {"messageId": message_id},
        "body": '{"action": "ping", "data": 1}',
        "isBase64Encoded": False,
    }


async def close_with_reason(socket: ClientConnection) -> None:
    await socket.close(1000, "done")


async def close_without_status(socket: ClientConnection) -> None:
    socket.protocol.send_close()
    socket.send_data()
    await socket.wait_closed()


async def abort(socket: ClientConnection) -> None:
    socket.transport.abort()
    await socket.wait_closed()


@pytest.mark.parametrize(
    ("close", "code", "reason"),
    [
        (close_with_reason, 1000, "done"),
        (close_without_status, 1005, "Client-side close frame status not set"),
        (abort, 1006, ""),
    ],
)
async def test_the_disconnect_event(
    gateway: RunningGateway, close: Any, code: int, reason: str
) -> None:
    socket = await gateway.connect(user_agent_header="agent")
    connection_id = await gateway.connection_id(socket)
    await close(socket)
    event = await gateway.recorded_event("DISCONNECT", connection_id)
    headers = {"Host": DOMAIN, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    assert event == {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": context(event, routeKey="$disconnect", eventType="DISCONNECT")
        | {"disconnectStatusCode": code, "disconnectReason": reason},
        "isBase64Encoded": False,
    }


DOMAIN = "sock123.execute-api.us-east-1.amazonaws.com"


def context(event: dict[str, Any], **expected: Any) -> dict[str, Any]:
    """The whole request context, what differs from call to call taken from the event."""
    given = event["requestContext"]
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", given["requestTime"])
    assert 0 <= given["requestTimeEpoch"] - given["connectedAt"] < 60_000
    assert given["extendedRequestId"] == given["requestId"]
    varying = ("connectedAt", "connectionId", "extendedRequestId", "requestId")
    return {
        **{name: given[name] for name in (*varying, "requestTime", "requestTimeEpoch")},
        "messageDirection": "IN",
        "stage": "local",
        "identity": {"userAgent": "agent", "sourceIp": "127.0.0.1"},
        "domainName": DOMAIN,
        "apiId": "sock123",
        **expected,
    }


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("?status=401", 401, "Unauthorized"),
        ("?status=403", 403, "Forbidden"),
        ("?status=500", 500, "Internal Server Error"),
        ("?status=12", 502, "Internal server error"),
        ("?fail=1", 502, "Internal server error"),
    ],
)
async def test_the_handshake_is_refused_when_connect_fails(
    gateway: RunningGateway, query: str, status: int, message: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await gateway.connect(query)
    response = refused.value.response
    assert response.status_code == status
    body = json.loads(response.body or b"")
    assert body.keys() == {"message", "connectionId", "requestId"}
    assert body["message"] == message


async def test_a_handshake_on_another_path_is_answered_with_404(gateway: RunningGateway) -> None:
    from websockets.asyncio.client import connect

    with pytest.raises(InvalidStatus, match="404"):
        await connect(f"ws://127.0.0.1:{gateway.port}/other")


async def test_the_function_chooses_the_subprotocol(gateway: RunningGateway) -> None:
    async with gateway.connect("?protocol=chat", subprotocols=["other", "chat"]) as socket:
        assert socket.subprotocol == "chat"


@pytest.mark.parametrize(
    ("frame", "route"),
    [
        ({"action": "ping"}, "ping"),
        ({"action": "unknown"}, "$default"),
        ({"action": "$connect"}, "$default"),
        ({"action": 7}, "$default"),
        ({"other": 7}, "$default"),
        ("[1]", "$default"),
        ("no json", "$default"),
    ],
)
async def test_messages_are_routed_by_their_action(
    gateway: RunningGateway, frame: object, route: str
) -> None:
    async with gateway.connect() as socket:
        assert (await gateway.send(socket, frame))["requestContext"]["routeKey"] == route


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"action": "fail"}, "Internal server error"),
        ({"action": "empty"}, "Internal server error"),
        ({"action": "late", "seconds": 1}, "Endpoint request timed out"),
    ],
)
async def test_the_client_gets_an_error_frame_when_the_function_fails(
    gateway: RunningGateway, frame: object, message: str
) -> None:
    async with gateway.connect() as socket:
        error_frame = await gateway.send(socket, frame)
        assert error_frame == {
            "message": message,
            "connectionId": await gateway.connection_id(socket),
            "requestId": error_frame["requestId"],
        }


async def test_a_malformed_response_is_logged(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway.connect() as socket:
        await gateway.send(socket, {"action": "empty"})
    assert "Empty (empty): The response is not a mapping with a statusCode." in caplog.text


async def test_without_a_default_route_unknown_actions_are_forbidden(
    start_gateway: StartGateway,
) -> None:
    routes = (SocketRoute("ping", "Message", responds=True),)
    gateway = await start_gateway(socket_api=replace(SOCKET_API, routes=routes))
    async with gateway.connect() as socket:
        error_frame = await gateway.send(socket, {"action": "other"})
        assert error_frame == {
            "message": "Forbidden",
            "connectionId": await gateway.connection_id(socket),
            "requestId": error_frame["requestId"],
        }


async def test_only_routes_with_a_route_response_send_the_body(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        await socket.send('{"action": "silent"}')
        assert (await gateway.send(socket, {"action": "ping"}))["body"] == '{"action": "ping"}'
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await socket.recv()


async def test_messages_of_one_socket_are_handled_concurrently(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        await socket.send('{"action": "pause", "seconds": 0.6}')
        await socket.send('{"action": "pause", "seconds": 0.0}')
        first = json.loads(await socket.recv())
        assert first["seconds"] == 0.0
