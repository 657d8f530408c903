"""The WebSocket API against AWS's documented limits: sizes, rates and ages."""

import asyncio
import json
import time
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from tests.unit.local.gateway.running_gateway import SOCKET_API, RunningGateway, StartGateway


async def test_messages_beyond_the_concurrency_limit_are_not_lost(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(max_messages_in_flight=2)
    async with gateway.connect() as socket:
        for number in range(40):
            await socket.send(json.dumps({"action": "ping", "number": number}))
        bodies = [json.loads(json.loads(await socket.recv())["body"]) for _ in range(40)]
        assert {body["number"] for body in bodies} == set(range(40))


async def close_frame(socket: ClientConnection, *, within: float = 5.0) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as error:
        async with asyncio.timeout(within):
            while True:
                await socket.recv()
    assert error.value.rcvd is not None
    return error.value.rcvd.code, error.value.rcvd.reason


async def test_a_frame_over_32_kb_closes_with_1009(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        fits = json.dumps({"action": "ping", "x": "a" * (32 * 1024 - 27)})
        assert len(fits) == 32 * 1024
        assert (await gateway.send(socket, fits))["body"] == fits
        await socket.send(fits + " ")
        assert (await close_frame(socket))[0] == 1009


async def test_a_message_over_128_kb_closes_with_1009(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        part = "a" * 32_000
        connection_id = await gateway.connection_id(socket)
        await socket.send(['{"action": "ping", "x": "', part, part, part, part, '"}'])
        assert len(json.loads(await socket.recv())["body"]) == 4 * 32_000 + 27
        await socket.send([part, part, part, part, part])
        assert (await close_frame(socket))[0] == 1009
    event = await gateway.recorded_event("DISCONNECT", connection_id)
    assert event["requestContext"]["disconnectStatusCode"] == 1009


async def test_binary_and_invalid_utf8_close_the_socket(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        await socket.send(b"binary")
        assert (await close_frame(socket))[0] == 1003
    async with gateway.connect() as socket:
        socket.protocol.send_frame(Frame(Opcode.TEXT, b"\xff\xff"))
        socket.send_data()
        assert (await close_frame(socket))[0] == 1007


async def test_an_idle_socket_is_closed_although_it_answers_pings(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(socket_idle_seconds=1.5)
    async with gateway.connect() as socket:
        connection_id = await gateway.connection_id(socket)
        began = time.monotonic()
        for _ in range(3):
            await asyncio.sleep(0.1)
            await (await socket.ping())
        assert await close_frame(socket) == (1001, "Going away")
        assert 1.4 < time.monotonic() - began < 30
    event = await gateway.recorded_event("DISCONNECT", connection_id)
    assert event["requestContext"]["disconnectStatusCode"] == 1001
    assert event["requestContext"]["disconnectReason"] == "Going away"


async def test_a_socket_is_closed_at_its_maximum_age(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(socket_life_seconds=2.0, socket_idle_seconds=1.5)
    async with gateway.connect() as socket:
        began = time.monotonic()
        while time.monotonic() - began < 1.7:
            await gateway.connection_id(socket)
            await asyncio.sleep(0.05)
        assert (await close_frame(socket))[0] == 1001
        assert 1.7 < time.monotonic() - began < 30


async def test_new_connections_are_throttled(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(connections_per_second=1.0)
    async with gateway.connect():
        with pytest.raises(InvalidStatus, match="429"):
            await gateway.connect()


async def test_messages_are_throttled_by_stage(start_gateway: StartGateway) -> None:
    api = replace(SOCKET_API, throttle_rate=0.1, throttle_burst=2)
    gateway = await start_gateway(socket_api=api)
    async with gateway.connect() as socket:
        for _ in range(3):
            await socket.send('{"action": "ping"}')
        assert (await close_frame(socket))[0] == 1008


async def test_a_stop_closes_sockets_and_still_calls_disconnect(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway()
    socket = await gateway.connect()
    connection_id = await gateway.connection_id(socket)
    await gateway.server.stop()
    assert (await close_frame(socket))[0] == 1001
    assert (gateway.recorded_events / f"DISCONNECT{connection_id}.json").exists()
