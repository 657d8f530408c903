"""The `@connections` API, called with boto3 and with plain HTTP."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.unit.local.gateway.running_gateway import RunningGateway, StartGateway

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}


def management(gateway: RunningGateway) -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=f"{gateway.url}/ws",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


async def error_of(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        await asyncio.to_thread(call, **arguments)
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


async def test_boto3_can_post_get_and_delete_a_connection(gateway: RunningGateway) -> None:
    api = management(gateway)
    async with gateway.connect(user_agent_header="agent") as socket:
        name = await gateway.connection_id(socket)
        await asyncio.to_thread(api.post_to_connection, ConnectionId=name, Data="grüße".encode())
        assert await socket.recv() == "grüße"
        connection = await asyncio.to_thread(api.get_connection, ConnectionId=name)
        assert connection["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "agent"}
        now = datetime.now(UTC)
        assert connection["ConnectedAt"] <= connection["LastActiveAt"] <= now
        assert (now - connection["LastActiveAt"]).total_seconds() < 5
        await asyncio.to_thread(api.delete_connection, ConnectionId=name)
        await socket.wait_closed()
        assert socket.close_code == 1000
    gone = ("GoneException", 410)
    assert await error_of(api.post_to_connection, ConnectionId=name, Data=b"x") == gone
    assert await error_of(api.get_connection, ConnectionId=name) == gone
    assert await error_of(api.delete_connection, ConnectionId=name) == gone


async def test_a_post_of_more_than_128_kb_or_of_no_text_is_refused(gateway: RunningGateway) -> None:
    api = management(gateway)
    async with gateway.connect(max_size=None) as socket:
        name = await gateway.connection_id(socket)
        most = b"a" * (128 * 1024)
        await asyncio.to_thread(api.post_to_connection, ConnectionId=name, Data=most)
        assert len(await socket.recv()) == len(most)
        large = await error_of(api.post_to_connection, ConnectionId=name, Data=most + b"a")
        assert large == ("PayloadTooLargeException", 413)
        bytes_ = await error_of(api.post_to_connection, ConnectionId=name, Data=b"\xff")
        assert bytes_ == ("BadRequestException", 400)


async def test_posts_to_a_slow_reader_are_answered_with_429(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(max_unsent_bytes=64 * 1024)
    async with gateway.connect(max_queue=1) as socket:
        path = f"/ws/@connections/{await gateway.connection_id(socket)}"
        socket.transport.pause_reading()
        for _ in range(400):
            response = await gateway.http.post(path, content=b"a" * 100_000, headers=SIGNED)
            if response.status_code != 200:
                break
        assert response.status_code == 429
        assert response.headers["x-amzn-errortype"] == "LimitExceededException"
        socket.transport.abort()


async def test_an_unsigned_request_is_answered_with_403(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket:
        path = f"/ws/@connections/{await gateway.connection_id(socket)}"
        for headers in ({}, {"authorization": "Bearer x"}):
            for method in ("POST", "GET", "DELETE"):
                response = await gateway.http.request(method, path, headers=headers)
                assert response.status_code == 403
        assert (await gateway.http.put(path, headers=SIGNED)).status_code == 403


async def open_slowly(gateway: RunningGateway) -> None:
    await gateway.connect("?wait=0.5")


async def test_a_connection_is_gone_until_connect_has_returned(own_gateway: RunningGateway) -> None:
    before = set(own_gateway.recorded_events.glob("CONNECT*.json"))
    connecting = asyncio.create_task(open_slowly(own_gateway))
    for _ in range(200):
        if new := set(own_gateway.recorded_events.glob("CONNECT*.json")) - before:
            break
        await asyncio.sleep(0.01)
    name = new.pop().stem.removeprefix("CONNECT")
    path = f"/ws/@connections/{name}"
    assert (await own_gateway.http.post(path, content=b"x", headers=SIGNED)).status_code == 410
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    event = await own_gateway.recorded_event("DISCONNECT", name)
    assert event["requestContext"]["disconnectStatusCode"] == 1006
