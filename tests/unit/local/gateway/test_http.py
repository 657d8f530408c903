"""The HTTP API against AWS's documented shapes and limits."""

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from cgraph_local.template import Cors, HttpRoute
from tests.unit.local.gateway.world import HTTP_API, NewWorld, World


async def test_the_event_is_payload_2(world: World) -> None:
    answer = await world.http.post(
        "/echo?parameter1=value1&parameter1=value2&parameter2=value%20x",
        content="Hello from Lambda",
        headers=[
            ("content-type", "text/plain"),
            ("Header1", "value1"),
            ("header2", "value1"),
            ("header2", "value2"),
            ("cookie", "cookie1=a; cookie2=b"),
            ("x-forwarded-for", "192.0.2.1"),
            ("user-agent", "agent"),
        ],
    )
    event = answer.json()
    context = event["requestContext"]
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", event["headers"]["x-amzn-trace-id"])
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert answer.headers["apigw-requestid"] == context["requestId"]
    assert event == {
        "version": "2.0",
        "routeKey": "POST /echo",
        "rawPath": "/echo",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value%20x",
        "cookies": ["cookie1=a", "cookie2=b"],
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "content-length": "17",
            "content-type": "text/plain",
            "header1": "value1",
            "header2": "value1,value2",
            "host": f"127.0.0.1:{world.port}",
            "user-agent": "agent",
            "x-amzn-trace-id": event["headers"]["x-amzn-trace-id"],
            "x-forwarded-for": "192.0.2.1, 127.0.0.1",
            "x-forwarded-port": str(world.port),
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value x"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api123",
            "domainName": "api123.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "api123",
            "http": {
                "method": "POST",
                "path": "/echo",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": context["requestId"],
            "routeKey": "POST /echo",
            "stage": "$default",
            "time": context["time"],
            "timeEpoch": context["timeEpoch"],
        },
        "body": "Hello from Lambda",
        "isBase64Encoded": False,
    }


async def test_what_is_empty_is_absent_and_paths_are_decoded(world: World) -> None:
    event = (await world.http.get("/posts/caf%C3%A9")).json()
    assert event["pathParameters"] == {"id": "café"}
    assert event["rawPath"] == "/posts/café"
    assert event.keys() & {"body", "cookies", "queryStringParameters"} == set()


@pytest.mark.parametrize(
    ("kind", "body", "text", "encoded"),
    [
        ("application/json", b'{"a": 1}', '{"a": 1}', False),
        ("application/problem+json; charset=utf-8", b"{}", "{}", False),
        ("text/plain", b"\xff\xfe", "//4=", True),
        ("image/png", b"abc", "YWJj", True),
        (None, b"abc", "YWJj", True),
    ],
)
async def test_only_text_goes_unencoded(
    world: World, kind: str | None, body: bytes, text: str, encoded: bool
) -> None:
    headers = {"content-type": kind} if kind else {}
    event = (await world.http.post("/echo", content=body, headers=headers)).json()
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


async def answered(world: World, returned: object) -> httpx.Response:
    return await world.http.post(
        "/answer", content=json.dumps(returned), headers={"content-type": "application/json"}
    )


async def test_a_formatted_answer(world: World) -> None:
    answer = await answered(
        world,
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "content-type": "image/png", "x-number": 7},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "AAEC",
            "isBase64Encoded": True,
        },
    )
    assert (answer.status_code, answer.content) == (201, b"\x00\x01\x02")
    assert answer.headers["x-one"] == "1"
    assert answer.headers["x-number"] == "7"
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize(
    ("returned", "body"),
    [({"a": [1]}, b'{"a":[1]}'), ("Hello", b"Hello"), (None, b"null"), ([1, 2], b"[1,2]")],
)
async def test_an_inferred_answer(world: World, returned: object, body: bytes) -> None:
    answer = await answered(world, returned)
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "returned",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "not base64", "isBase64Encoded": True},
        {"statusCode": 200, "body": "a\ud800"},
        {"statusCode": 200, "headers": {"x-one": "1\r\nx-two: 2"}},
        {"statusCode": 200, "headers": ["x-one"]},
        {"statusCode": 200, "cookies": "a=1"},
    ],
)
async def test_a_malformed_answer_is_502(world: World, returned: object) -> None:
    answer = await answered(world, returned)
    assert_problem(answer, 502, "function_failed", "Internal Server Error")


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("/fail", 502, "function_failed", "Internal Server Error"),
        ("/crash", 502, "function_failed", "Internal Server Error"),
        ("/slow", 504, "function_timed_out", "Service Unavailable"),
        ("/late", 504, "function_timed_out", "Service Unavailable"),
        ("/nowhere", 404, "not_found", "Not Found"),
    ],
)
async def test_failures_are_problems(
    world: World, path: str, status: int, code: str, message: str
) -> None:
    assert_problem(await world.http.get(path, timeout=10), status, code, message)
    assert (await world.http.get("/echo")).status_code == 200


async def test_head_and_options_are_routes_like_others(world: World) -> None:
    assert (await world.http.head("/echo")).status_code == 404
    assert (await world.http.options("/echo")).status_code == 404


async def test_ten_megabytes_are_the_limit_and_six_that_of_an_event(world: World) -> None:
    seven = await world.http.post("/echo", content=b"a" * (7 * 1024 * 1024))
    assert_problem(seven, 413, "payload_too_large", "Request Entity Too Large")
    eleven = await world.http.post("/echo", content=b"a" * (11 * 1024 * 1024))
    assert_problem(eleven, 413, "payload_too_large", "Request Entity Too Large")
    text = {"content-type": "text/plain"}
    escaped = await world.http.post("/echo", content=b"\x01" * (2 * 1024 * 1024), headers=text)
    assert escaped.status_code == 413
    fits = await world.http.post("/answer", content=b'{"a":"' + b"x" * 4_000_000 + b'"}')
    assert fits.status_code == 502  # base64 is not JSON: it has reached the function


async def test_a_stream_without_length_is_refused_while_it_is_read(world: World) -> None:
    sent = 0

    async def stream() -> Any:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b"a" * 100_000

    answer = await world.http.post("/echo", content=stream())
    assert answer.status_code == 413
    assert sent > 100


async def test_headers_have_a_limit(world: World) -> None:
    assert (await world.http.get("/echo", headers={"x": "a" * 9_500})).status_code == 200
    answer = await world.http.get("/echo", headers={"x": "a" * 10_240})
    assert_problem(answer, 431, "headers_too_large", "Request Header Fields Too Large")


async def test_what_is_no_http_is_a_problem(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"GET /\xff HTTP/9.9\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["code"] == "bad_request"


async def test_the_stage_throttles(new_world: NewWorld) -> None:
    world = await new_world(http_api=replace(HTTP_API, throttle_rate=0.5, throttle_burst=2))
    statuses = [(await world.http.get("/echo")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert_problem(await world.http.get("/echo"), 429, "throttled", "Too Many Requests")


async def test_reserved_concurrency_throttles(world: World) -> None:
    answers = await asyncio.gather(*(world.http.get("/single") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 429, 429]


async def test_a_defect_of_the_gateway_is_a_problem_and_logged(
    new_world: NewWorld, caplog: pytest.LogCaptureFixture
) -> None:
    routes = (HttpRoute("GET", "/echo", "Missing"),)
    world = await new_world(http_api=replace(HTTP_API, routes=routes))
    answer = await world.http.get("/echo")
    assert_problem(answer, 500, "gateway_failed", "Internal Server Error")
    assert "GET /echo failed in the gateway" in caplog.text


async def test_the_access_log_is_a_line_a_request(
    new_world: NewWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world = await new_world(access_log=True)
    await world.http.get("/nowhere")
    assert re.fullmatch(r"GET /nowhere → 404 in [\d.]+ ms\n", capsys.readouterr().out)


async def test_cors_is_the_gateways_own(new_world: NewWorld) -> None:
    cors = Cors(
        allow_origins=("https://a.example",),
        allow_methods=("GET", "POST"),
        allow_headers=("authorization",),
        expose_headers=("x-one",),
        allow_credentials=True,
        max_age=60,
    )
    world = await new_world(http_api=replace(HTTP_API, cors=cors))
    asks = {"origin": "https://a.example", "access-control-request-method": "POST"}
    preflight = await world.http.options("/anything", headers=asks)
    assert preflight.status_code == 204
    assert cors_headers(preflight) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization",
        "access-control-max-age": "60",
    }
    other = await world.http.options("/anything", headers={**asks, "origin": "https://b.example"})
    assert (other.status_code, cors_headers(other)) == (204, {})
    answer = await world.http.get("/nowhere", headers={"origin": "https://a.example"})
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-one",
    }


async def test_an_api_without_routes_and_a_default_route(new_world: NewWorld) -> None:
    assert (await (await new_world(http_api=None)).http.get("/echo")).status_code == 404
    routes = (*HTTP_API.routes, HttpRoute("ANY", "$default", "Echo"))
    world = await new_world(http_api=replace(HTTP_API, routes=routes))
    event = (await world.http.patch("/any/where")).json()
    assert (event["routeKey"], event["rawPath"]) == ("$default", "/any/where")


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k.startswith("access-control-")}


def assert_problem(answer: httpx.Response, status: int, code: str, message: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document.pop("detail")
    assert document == {
        "type": "about:blank",
        "title": message,
        "status": status,
        "code": code,
        "message": message,
    }
