"""The `@connections` API, called with boto3 and with plain HTTP."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws import aws_client
from tests.unit.local.gateway.running_gateway import CREDENTIALS, RunningGateway, StartGateway


def management(gateway: RunningGateway) -> Any:
    url = f"{gateway.url}/ws"
    return aws_client("apigatewaymanagementapi", url=url, credentials=CREDENTIALS)


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
            body = b"a" * 100_000
            headers = gateway.signed("POST", path, body)
            response = await gateway.http.post(path, content=body, headers=headers)
            if response.status_code != 200:
                break
        assert response.status_code == 429
        assert response.headers["x-amzn-errortype"] == "LimitExceededException"
        socket.transport.abort()


async def test_a_request_without_the_right_signature_reaches_no_socket(
    gateway: RunningGateway,
) -> None:
    async with gateway.connect() as socket:
        path = f"/ws/@connections/{await gateway.connection_id(socket)}"
        strange_key = replace(CREDENTIALS, access_key_id="OTHER")
        strange_secret = replace(CREDENTIALS, secret_access_key="other")
        old, early = timedelta(minutes=16), timedelta(minutes=-16)
        for method in ("POST", "GET", "DELETE"):
            right = gateway.signed(method, path, b"x")
            for headers in (
                {},
                {"authorization": "Bearer x"},
                {"authorization": "AWS4-HMAC-SHA256 Credential=x"},
                gateway.signed(method, path, b"another body"),
                gateway.signed(method, f"{path}x", b"x"),
                gateway.signed("PUT", path, b"x"),
                gateway.signed(method, path, b"x", credentials=strange_key),
                gateway.signed(method, path, b"x", credentials=strange_secret),
                gateway.signed(method, path, b"x", age=old),
                gateway.signed(method, path, b"x", age=early),
                {**right, "x-amz-date": "20260101T000000Z"},
                {**right, "x-amz-date": "yesterday"},
                {**right, "authorization": right["authorization"].replace("host;", "")},
            ):
                response = await gateway.http.request(method, path, content=b"x", headers=headers)
                assert response.status_code == 403, (method, headers)
        headers = gateway.signed("PUT", path)
        assert (await gateway.http.put(path, headers=headers)).status_code == 403
        assert (await gateway.send(socket, {"action": "ping"}))["requestContext"]


async def posted(gateway: RunningGateway, path: str) -> int:
    headers = gateway.signed("POST", path, b"x")
    return (await gateway.http.post(path, content=b"x", headers=headers)).status_code


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
    assert await posted(own_gateway, path) == 410
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    event = await own_gateway.recorded_event("DISCONNECT", name)
    assert event["requestContext"]["disconnectStatusCode"] == 1006
