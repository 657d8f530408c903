"""`@connections`, as boto3 and as bare HTTP see it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.unit.local.gateway.world import NewWorld, World

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}


def management(world: World) -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=f"{world.url}/ws",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


async def error_of(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as why:
        await asyncio.to_thread(call, **arguments)
    response = why.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


async def test_boto3_posts_asks_and_deletes(world: World) -> None:
    api = management(world)
    async with world.connect(user_agent_header="agent") as socket:
        name = await world.id_of(socket)
        await asyncio.to_thread(api.post_to_connection, ConnectionId=name, Data="grüße".encode())
        assert await socket.recv() == "grüße"
        about = await asyncio.to_thread(api.get_connection, ConnectionId=name)
        assert about["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "agent"}
        now = datetime.now(UTC)
        assert about["ConnectedAt"] <= about["LastActiveAt"] <= now
        assert (now - about["LastActiveAt"]).total_seconds() < 5
        await asyncio.to_thread(api.delete_connection, ConnectionId=name)
        await socket.wait_closed()
        assert socket.close_code == 1000
    gone = ("GoneException", 410)
    assert await error_of(api.post_to_connection, ConnectionId=name, Data=b"x") == gone
    assert await error_of(api.get_connection, ConnectionId=name) == gone
    assert await error_of(api.delete_connection, ConnectionId=name) == gone


async def test_a_post_holds_at_most_128_kb_of_text(world: World) -> None:
    api = management(world)
    async with world.connect(max_size=None) as socket:
        name = await world.id_of(socket)
        most = b"a" * (128 * 1024)
        await asyncio.to_thread(api.post_to_connection, ConnectionId=name, Data=most)
        assert len(await socket.recv()) == len(most)
        large = await error_of(api.post_to_connection, ConnectionId=name, Data=most + b"a")
        assert large == ("PayloadTooLargeException", 413)
        bytes_ = await error_of(api.post_to_connection, ConnectionId=name, Data=b"\xff")
        assert bytes_ == ("BadRequestException", 400)


async def test_a_slow_reader_is_429(new_world: NewWorld) -> None:
    world = await new_world(unsent_bytes=64 * 1024)
    async with world.connect(max_queue=1) as socket:
        path = f"/ws/@connections/{await world.id_of(socket)}"
        socket.transport.pause_reading()
        for _ in range(400):
            answer = await world.http.post(path, content=b"a" * 100_000, headers=SIGNED)
            if answer.status_code != 200:
                break
        assert answer.status_code == 429
        assert answer.headers["x-amzn-errortype"] == "LimitExceededException"
        socket.transport.abort()


async def test_a_request_without_signature_is_403(world: World) -> None:
    async with world.connect() as socket:
        path = f"/ws/@connections/{await world.id_of(socket)}"
        for headers in ({}, {"authorization": "Bearer x"}):
            for method in ("POST", "GET", "DELETE"):
                answer = await world.http.request(method, path, headers=headers)
                assert answer.status_code == 403
        assert (await world.http.put(path, headers=SIGNED)).status_code == 403


async def opened(world: World) -> None:
    await world.connect("?wait=0.5")


async def test_there_is_no_connection_while_it_connects(own_world: World) -> None:
    before = set(own_world.records.glob("CONNECT*.json"))
    connecting = asyncio.create_task(opened(own_world))
    for _ in range(200):
        if new := set(own_world.records.glob("CONNECT*.json")) - before:
            break
        await asyncio.sleep(0.01)
    name = new.pop().stem.removeprefix("CONNECT")
    path = f"/ws/@connections/{name}"
    assert (await own_world.http.post(path, content=b"x", headers=SIGNED)).status_code == 410
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    event = await own_world.record("DISCONNECT", name)
    assert event["requestContext"]["disconnectStatusCode"] == 1006
