"""Requests as a client may also send them: in pieces, several at once, with a bad handshake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection

from tests.unit.local.gateway.running_gateway import RunningGateway

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Client:
    """A TCP connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.02)  # so that each arrives alone; together they would pass too

    async def response(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers, body


@asynccontextmanager
async def connected(gateway: RunningGateway) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    yield Client(reader, writer)
    writer.close()
    await writer.wait_closed()


def request(gateway: RunningGateway, first: str, body: bytes = b"", **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
    head = f"{first} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def post_of(
    gateway: RunningGateway, socket: ClientConnection, body: bytes, **more: str
) -> bytes:
    path = f"/ws/@connections/{await gateway.connection_id(socket)}"
    signed = gateway.signed("POST", path, body)
    return request(gateway, f"POST {path}", body, **signed, **more)


async def test_posts_arrive_whole_in_pieces_and_several_at_once(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket, connected(gateway) as client:
        posts = [await post_of(gateway, socket, text) for text in (b"one", b"two", b"three")]
        await client.send(posts[0])
        await client.send(posts[1][:30], posts[1][30:-2], posts[1][-2:])
        await client.send(posts[2] + posts[0], posts[1])
        assert [(await client.response())[0] for _ in range(5)] == [200] * 5
        received = [await socket.recv() for _ in range(5)]
        assert received == ["one", "two", "three", "one", "two"]


async def test_a_post_may_end_its_connection(gateway: RunningGateway) -> None:
    async with gateway.connect() as socket, connected(gateway) as client:
        await client.send(await post_of(gateway, socket, b"last", connection="close"))
        assert (await client.response())[1]["connection"] == "close"
        assert await client.reader.read() == b""
        assert await socket.recv() == "last"


async def test_a_post_whose_length_is_not_its_own_is_none(gateway: RunningGateway) -> None:
    """Otherwise what follows it would be taken for a part of it, or the other way round."""
    async with gateway.connect() as socket, connected(gateway) as client:
        post = await post_of(gateway, socket, b"text")
        await client.send(post.replace(b"content-length: 4", b"content-length: 2"))
        assert (await client.response())[0] == 403
        await client.send(b"\r\n")
        assert (await client.response())[0] == 400


async def test_requests_that_do_not_wait_are_answered_in_their_order(
    gateway: RunningGateway,
) -> None:
    host = f"127.0.0.1:{gateway.port}"
    second, third = (request(gateway, f"GET /echo?n={n}", host=host) for n in (2, 3))
    async with connected(gateway) as client:
        await client.send(
            request(gateway, "POST /echo?n=1", b"{}", host=host) + second + third[:20],
            third[20:] + request(gateway, "HEAD /nothing", host=host),
        )
        for number in ("1", "2", "3"):
            event = json.loads((await client.response())[2])
            assert event["queryStringParameters"] == {"n": number}
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404") and b"date: " in head


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"sec_websocket_key": "short"}, 400),
        ({"sec_websocket_key": ""}, 400),
        ({"sec_websocket_version": "8"}, 400),
        ({"content_length": "0"}, 101),
        ({"sec_websocket_protocol": "chat"}, 101),
        ({}, 101),
    ],
)
async def test_a_handshake_is_as_the_standard_demands(
    gateway: RunningGateway, changed: dict[str, str], status: int
) -> None:
    fields = {
        "host": f"127.0.0.1:{gateway.port}",
        "connection": "keep-alive, Upgrade",
        "upgrade": "websocket",
        "sec_websocket_version": "13",
        "sec_websocket_key": KEY,
    } | changed
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in fields.items())
    async with connected(gateway) as client:
        await client.send(f"GET /ws HTTP/1.1\r\n{lines}\r\n".encode())
        head = (await client.reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.split()[1] == str(status)
        assert ("s3pplmbitxaq9kygzzhzrbk+xoo=" in head) == (status == 101)
