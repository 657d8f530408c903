"""The WebSocket API against AWS's documented shapes and limits."""

import asyncio
import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from cgraph_local.template import SocketRoute
from tests.unit.local.gateway.world import SOCKET_API, NewWorld, World


async def test_the_connect_event(world: World) -> None:
    async with world.connect(
        "?ticket=a&ticket=b%20c", user_agent_header="agent", subprotocols=None
    ) as socket:
        connection_id = await world.id_of(socket)
        event = await world.record("CONNECT", connection_id)
    headers = event["headers"]
    assert headers.pop("Sec-WebSocket-Key")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers.pop("X-Amzn-Trace-Id"))
    assert headers == {
        "Host": f"127.0.0.1:{world.port}",
        "Sec-WebSocket-Version": "13",
        "User-Agent": "agent",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": str(world.port),
        "X-Forwarded-Proto": "http",
    }
    assert event["multiValueHeaders"]["Host"] == [f"127.0.0.1:{world.port}"]
    assert event["queryStringParameters"] == {"ticket": "b c"}
    assert event["multiValueQueryStringParameters"] == {"ticket": ["a", "b c"]}
    assert event["isBase64Encoded"] is False
    assert event["requestContext"] == context(
        event, routeKey="$connect", eventType="CONNECT", connectionId=connection_id
    )


async def test_the_message_event(world: World) -> None:
    async with world.connect(user_agent_header="agent") as socket:
        event = await world.say(socket, '{"action": "ping", "data": 1}')
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
async def test_the_disconnect_event(world: World, close: Any, code: int, reason: str) -> None:
    socket = await world.connect(user_agent_header="agent")
    connection_id = await world.id_of(socket)
    await close(socket)
    event = await world.record("DISCONNECT", connection_id)
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
async def test_a_refused_connect_refuses_the_handshake(
    world: World, query: str, status: int, message: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await world.connect(query)
    response = refused.value.response
    assert response.status_code == status
    body = json.loads(response.body or b"")
    assert body.keys() == {"message", "connectionId", "requestId"}
    assert body["message"] == message


async def test_other_paths_have_no_sockets(world: World) -> None:
    from websockets.asyncio.client import connect

    with pytest.raises(InvalidStatus, match="404"):
        await connect(f"ws://127.0.0.1:{world.port}/other")


async def test_the_subprotocol_is_the_functions_choice(world: World) -> None:
    async with world.connect("?protocol=chat", subprotocols=["other", "chat"]) as socket:
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
async def test_messages_are_routed_by_their_action(world: World, frame: object, route: str) -> None:
    async with world.connect() as socket:
        assert (await world.say(socket, frame))["requestContext"]["routeKey"] == route


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"action": "fail"}, "Internal server error"),
        ({"action": "nothing"}, "Internal server error"),
        ({"action": "late", "seconds": 1}, "Endpoint request timed out"),
    ],
)
async def test_a_failed_function_is_said_so(world: World, frame: object, message: str) -> None:
    async with world.connect() as socket:
        said = await world.say(socket, frame)
        assert said == {
            "message": message,
            "connectionId": await world.id_of(socket),
            "requestId": said["requestId"],
        }


async def test_an_answer_that_is_none_is_shown_on_the_console(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.connect() as socket:
        await world.say(socket, {"action": "nothing"})
    assert "Nothing (nothing): The answer is not a mapping with a statusCode." in caplog.text


async def test_without_a_default_route_the_rest_is_forbidden(new_world: NewWorld) -> None:
    routes = (SocketRoute("ping", "Message", responds=True),)
    world = await new_world(socket_api=replace(SOCKET_API, routes=routes))
    async with world.connect() as socket:
        said = await world.say(socket, {"action": "other"})
        assert said == {
            "message": "Forbidden",
            "connectionId": await world.id_of(socket),
            "requestId": said["requestId"],
        }


async def test_only_routes_that_respond_send_back(world: World) -> None:
    async with world.connect() as socket:
        await socket.send('{"action": "silent"}')
        assert (await world.say(socket, {"action": "ping"}))["body"] == '{"action": "ping"}'
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await socket.recv()


async def test_frames_of_one_socket_are_handled_at_once(world: World) -> None:
    async with world.connect() as socket:
        await socket.send('{"action": "pause", "seconds": 0.6}')
        await socket.send('{"action": "pause", "seconds": 0.0}')
        first = json.loads(await socket.recv())
        assert first["seconds"] == 0.0


async def test_more_frames_than_may_be_in_work_are_not_lost(new_world: NewWorld) -> None:
    world = await new_world(messages_in_flight=2)
    async with world.connect() as socket:
        for number in range(40):
            await socket.send(json.dumps({"action": "ping", "number": number}))
        bodies = [json.loads(json.loads(await socket.recv())["body"]) for _ in range(40)]
        assert {body["number"] for body in bodies} == set(range(40))


async def closed(socket: ClientConnection, *, within: float = 5.0) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as why:
        async with asyncio.timeout(within):
            while True:
                await socket.recv()
    assert why.value.rcvd is not None
    return why.value.rcvd.code, why.value.rcvd.reason


async def test_a_frame_over_32_kb_closes_with_1009(world: World) -> None:
    async with world.connect() as socket:
        fits = json.dumps({"action": "ping", "x": "a" * (32 * 1024 - 27)})
        assert len(fits) == 32 * 1024
        assert (await world.say(socket, fits))["body"] == fits
        await socket.send(fits + " ")
        assert (await closed(socket))[0] == 1009


async def test_a_message_over_128_kb_closes_with_1009(world: World) -> None:
    async with world.connect() as socket:
        part = "a" * 32_000
        connection_id = await world.id_of(socket)
        await socket.send(['{"action": "ping", "x": "', part, part, part, part, '"}'])
        assert len(json.loads(await socket.recv())["body"]) == 4 * 32_000 + 27
        await socket.send([part, part, part, part, part])
        assert (await closed(socket))[0] == 1009
    event = await world.record("DISCONNECT", connection_id)
    assert event["requestContext"]["disconnectStatusCode"] == 1009


async def test_binary_and_bad_text_close(world: World) -> None:
    async with world.connect() as socket:
        await socket.send(b"binary")
        assert (await closed(socket))[0] == 1003
    async with world.connect() as socket:
        socket.protocol.send_frame(Frame(Opcode.TEXT, b"\xff\xff"))
        socket.send_data()
        assert (await closed(socket))[0] == 1007


async def test_an_idle_socket_is_closed_and_pings_do_not_count(new_world: NewWorld) -> None:
    world = await new_world(socket_idle_seconds=0.5)
    async with world.connect() as socket:
        connection_id = await world.id_of(socket)
        began = time.monotonic()
        for _ in range(3):
            await asyncio.sleep(0.1)
            await (await socket.ping())
        assert await closed(socket) == (1001, "Going away")
        assert 0.4 < time.monotonic() - began < 0.9
    event = await world.record("DISCONNECT", connection_id)
    assert event["requestContext"]["disconnectStatusCode"] == 1001
    assert event["requestContext"]["disconnectReason"] == "Going away"


async def test_a_socket_lives_no_longer_than_it_may(new_world: NewWorld) -> None:
    world = await new_world(socket_life_seconds=0.8, socket_idle_seconds=0.5)
    async with world.connect() as socket:
        began = time.monotonic()
        while time.monotonic() - began < 0.6:
            await world.id_of(socket)
            await asyncio.sleep(0.05)
        assert (await closed(socket))[0] == 1001
        assert 0.6 < time.monotonic() - began < 1.3


async def test_new_connections_are_throttled(new_world: NewWorld) -> None:
    world = await new_world(connections_per_second=1.0)
    async with world.connect():
        with pytest.raises(InvalidStatus, match="429"):
            await world.connect()


async def test_messages_are_throttled_by_stage(new_world: NewWorld) -> None:
    api = replace(SOCKET_API, throttle_rate=0.1, throttle_burst=2)
    world = await new_world(socket_api=api)
    async with world.connect() as socket:
        for _ in range(3):
            await socket.send('{"action": "ping"}')
        assert (await closed(socket))[0] == 1008


async def test_a_stop_says_goodbye_and_still_disconnects(new_world: NewWorld) -> None:
    world = await new_world()
    socket = await world.connect()
    connection_id = await world.id_of(socket)
    await world.server.stop()
    assert (await closed(socket))[0] == 1001
    assert (world.records / f"DISCONNECT{connection_id}.json").exists()
