"""The HTTP API against AWS's documented limits: sizes and rates."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from tests.unit.local.gateway.problem_documents import assert_problem
from tests.unit.local.gateway.running_gateway import HTTP_API, RunningGateway, StartGateway


async def test_a_body_of_more_than_10_mb_or_an_event_of_more_than_6_mb_is_refused(
    gateway: RunningGateway,
) -> None:
    seven = await gateway.http.post("/echo", content=b"a" * (7 * 1024 * 1024))
    assert_problem(seven, 413, "payload_too_large", "Request Entity Too Large")
    eleven = await gateway.http.post("/echo", content=b"a" * (11 * 1024 * 1024))
    assert_problem(eleven, 413, "payload_too_large", "Request Entity Too Large")
    text = {"content-type": "text/plain"}
    escaped = await gateway.http.post("/echo", content=b"\x01" * (2 * 1024 * 1024), headers=text)
    assert escaped.status_code == 413
    fits = await gateway.http.post("/result", content=b'{"a":"' + b"x" * 4_000_000 + b'"}')
    assert fits.status_code == 502  # base64 is not JSON: it has reached the function


async def test_a_stream_without_length_is_refused_while_it_is_read(gateway: RunningGateway) -> None:
    sent = 0

    async def stream() -> Any:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b"a" * 100_000

    response = await gateway.http.post("/echo", content=stream())
    assert response.status_code == 413
    assert sent > 100


async def test_headers_have_a_limit(gateway: RunningGateway) -> None:
    assert (await gateway.http.get("/echo", headers={"x": "a" * 9_500})).status_code == 200
    response = await gateway.http.get("/echo", headers={"x": "a" * 10_240})
    assert_problem(response, 431, "headers_too_large", "Request Header Fields Too Large")


async def test_what_is_no_http_is_a_problem(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /\xff HTTP/9.9\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["code"] == "bad_request"


async def test_the_stage_throttles(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(http_api=replace(HTTP_API, throttle_rate=0.5, throttle_burst=2))
    statuses = [(await gateway.http.get("/echo")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert_problem(await gateway.http.get("/echo"), 429, "throttled", "Too Many Requests")


async def test_reserved_concurrency_throttles(gateway: RunningGateway) -> None:
    answers = await asyncio.gather(*(gateway.http.get("/single") for _ in range(3)))
    assert sorted(response.status_code for response in answers) == [200, 429, 429]
